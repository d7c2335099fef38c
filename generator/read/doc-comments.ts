import type { Node } from 'ts-morph';
import type { Place } from '../diagnostic.js';
import { placeIn } from './place.js';

/** One `@tag` of a doc comment. Its text ends with its line. */
export interface DocTag {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
}

/** The text before the tags of the doc comments in front of a declaration. */
export function writtenDoc(declaration: Node): string {
  return commentsBefore(declaration)
    .map(({ text }) => text.slice(3, -2).split(tagStart)[0] ?? '')
    .map((text) => text.replaceAll(/\r?\n[ \t]*(?:\* ?)?/g, '\n').trim())
    .filter((text) => text !== '')
    .join('\n');
}

/** The tags of the doc comments in front of a declaration. */
export function docTags(declaration: Node): DocTag[] {
  const file = declaration.getSourceFile().compilerNode;
  return commentsBefore(declaration).flatMap(({ text, start }) =>
    [...text.slice(0, -2).matchAll(tag)].map((match) => {
      const [whole, name = '', value = ''] = match;
      const from = start + match.index;
      return {
        name,
        text: value.trim(),
        place: placeIn(file, from, from + whole.trimEnd().length),
      };
    }),
  );
}

const tagStart = /(?<=[\s*])@(?=[A-Za-z])/;
const tag = /(?<=[\s*])@([A-Za-z]\w*)((?:(?!\s@[A-Za-z])[^\r\n])*)/g;

interface Comment {
  readonly text: string;
  readonly start: number;
}

/** All of them: TypeScript itself sees none that follows a `{`, `;` or `,` on its line. */
function commentsBefore(declaration: Node): Comment[] {
  const start = declaration.getPos();
  const before = declaration.getSourceFile().getFullText().slice(start, declaration.getStart());
  return [...before.matchAll(/\/\/.*|\/\*[\s\S]*?\*\//g)]
    .filter(([text]) => /^\/\*\*[^/]/.test(text))
    .map((match) => ({ text: match[0], start: start + match.index }));
}
