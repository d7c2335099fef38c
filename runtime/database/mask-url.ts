/** Text with the password of every connection string in it replaced by `***`, also where it stands among the parameters. */
export function maskUrl(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^:@/?#\s]*):\S*@/gi, '$1:***@')
    .replace(/\b((?:ssl)?password)=('[^']*'|[^&\s]*)/gi, '$1=***');
}
