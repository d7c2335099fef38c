/** A template's text with each hole replaced. @throws when a hole is not in the template: the two have drifted apart */
export function renderTemplate(text: string, holes: Readonly<Record<string, string>>): string {
  for (const hole of Object.keys(holes)) {
    if (!text.includes(hole)) throw new Error(`The template has no hole ${hole}.`);
  }
  const any = Object.keys(holes).map((hole) => hole.replace(/[^\w\s]/g, '\\$&'));
  // In one pass, so that what fills a hole is never taken for another.
  return text.replace(new RegExp(any.join('|'), 'g'), (hole) => holes[hole] ?? hole);
}
