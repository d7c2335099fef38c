/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are code as text. */
import test from 'ava';
import { readManifest } from '../../generator/read/read-manifest.js';
import { evaluateKey } from '../../runtime/contract/key.js';
import { manifest } from './support/fixture.js';

/** Each key function with its template and what that makes of the args. */
const args = {
  id: 7,
  name: 'Ada',
  big: 12n,
  on: true,
  kind: 'a',
  deep: { er: { id: 9 } },
  'odd-name': 'x',
} as const;
const type = `{
  id: number; name: string; big: bigint; on: boolean; kind: 'a' | 'b';
  deep: { er: { id: number } }; 'odd-name': string; code: string & { readonly brand: 'code' };
}`;
const cases: [code: string, template: string, key: string][] = [
  ['(a) => `receipt:${a.id}`', 'receipt:{id}', 'receipt:7'],
  ['(a) => `${a.name}/${a.big}/${a.on}/${a.kind}`', '{name}/{big}/{on}/{kind}', 'Ada/12/true/a'],
  ['(a) => a.name', '{name}', 'Ada'],
  ["() => 'one'", 'one', 'one'],
  ['(a) => `${a.deep.er.id}`', '{deep.er.id}', '9'],
  ['({ id, name: who }) => `${who}:${id}`', '{name}:{id}', 'Ada:7'],
  ['({ deep: { er: { id } } }) => `${id}`', '{deep.er.id}', '9'],
  ["(a) => `${a['odd-name']}`", '{odd-name}', 'x'],
  ["({ 'odd-name': odd }) => odd", '{odd-name}', 'x'],
  ['(a) => `{${a.id}} {x}`', '{{{id}}} {{x}}', '{7} {x}'],
  ['(a) => `${prefix}${limits.max}:${a.id}`', 'v{{1}}:3:{id}', 'v{1}:3:7'],
  ['(a) => { return `${a.id}`; }', '{id}', '7'],
  ['((a) => (`${(a.id)}`)) satisfies ((a: A) => string)', '{id}', '7'],
  ['byId', 'id:{id}', 'id:7'],
];

test('a key function is compiled to a template that gives the same text', (t) => {
  const tasks = cases.map(([code], index) => `t${index}: task<A>({ key: ${code} }),`);
  const { model, diagnostics } = readManifest(
    manifest(t, tasks.join('\n'), {
      before: `type A = ${type}; const prefix = 'v{1}:'; const limits = { max: 3 } as const;
        const byId = (a: A) => \`id:\${a.id}\`;`,
    }).manifest,
  );
  t.deepEqual(diagnostics, []);
  const stored = { ...args, big: '12' };
  for (const [index, [code, template, key]] of cases.entries()) {
    const compiled = model?.tasks[index]?.contract.key;
    t.is(compiled, template, code);
    t.is(evaluateKey(template, stored), key, code);
  }
});

test('a key reads what the row stores: the input of a schema', (t) => {
  const { model, diagnostics } = readManifest(
    manifest(
      t,
      `a: task({
        args: v.object({ n: v.pipe(v.string(), v.transform(Number)) }),
        key: ({ n }) => n.length === 0 ? '' : n,
      }),
      b: task({ key: (a) => a.n, args: v.object({ n: v.pipe(v.string(), v.transform(Number)) }) }),`,
    ).manifest,
  );
  t.is(model, null);
  t.deepEqual(
    diagnostics.map(({ code }) => code),
    ['PGS1009'],
  );
});
