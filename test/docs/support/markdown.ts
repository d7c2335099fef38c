import { readdirSync, readFileSync } from 'node:fs';
import { repository } from '../../support/cli.js';

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** A page of the repository. */
export function readPage(path: string): string {
  return readFileSync(`${repository}${path}`, 'utf8');
}

/** Every page that a user or a contributor reads. */
export function pages(): string[] {
  const docs = readdirSync(`${repository}docs`, { recursive: true, encoding: 'utf8' });
  const found = docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...found.sort()];
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks = page.matchAll(/^( *)```(\S*)\n([\s\S]*?)^\1```$/gm);
  return [...blocks].map(({ index, 2: language = '', 3: text = '' }) => ({
    language,
    text,
    line: page.slice(0, index).split('\n').length + 1,
  }));
}

/** The cells of the table whose first column has this title: a list of rows, without its head. */
export function tableOf(page: string, title: string): string[][] {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${title} `));
  if (head === -1) throw new Error(`The page has no table that begins with "${title}".`);
  const rest = lines.slice(head + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}
