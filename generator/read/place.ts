import { Node, type ts } from 'ts-morph';
import type { Place } from '../diagnostic.js';

/** Where a node stands. A place stands for itself. */
export function placeOf(node: Node | Place): Place {
  if (!Node.isNode(node)) return node;
  return placeIn(node.getSourceFile().compilerNode, node.getStart(), node.getEnd());
}

/** Where a stretch of a file stands; of several lines the first counts. */
export function placeIn(file: ts.SourceFile, start: number, end: number): Place {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const from = start - character;
  const rest = file.text.slice(from);
  const text = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
  return {
    file: file.fileName,
    line: line + 1,
    column: character + 1,
    length: Math.max(1, Math.min(end - start, text.length - character)),
    text,
  };
}
