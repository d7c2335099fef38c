/** A doc comment at an indentation, with its newline; nothing for no text. */
export function docComment(text: string, indent = ''): string {
  if (text === '') return '';
  const lines = text.split('\n').map((line) => line.trimEnd().replaceAll('*/', '*\\/'));
  const [only] = lines;
  if (lines.length === 1 && only !== undefined && indent.length + only.length <= 93) {
    return `${indent}/** ${only} */\n`;
  }
  const body = lines.map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${body.join('\n')}\n${indent} */\n`;
}
