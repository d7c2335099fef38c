import test, { type ExecutionContext } from 'ava';
import { type Diagnostic, formatDiagnostics } from '../../generator/index.js';
import { readManifest } from '../../generator/read/read-manifest.js';
import { manifest, manifestText, project } from './support/fixture.js';

/** Where the sources say that an error stands: a comment with its code right before it. */
function marked(file: string, text: string): string[] {
  return [...text.matchAll(/\/\*(PGS\d{4})\*\//g)].map((mark) => {
    const before = text.slice(0, mark.index + mark[0].length).split('\n');
    return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1} ${mark[1]}`;
  });
}

/** Reads a manifest with these tasks, and compares the places of all errors with the marks. */
function errors(
  t: ExecutionContext,
  tasks: string,
  files: Readonly<Record<string, string>> = {},
): readonly Diagnostic[] {
  const fixture = manifest(t, tasks, files);
  const { model, diagnostics } = readManifest(fixture.manifest);
  const { before, ...others } = files;
  const texts = { 'src/jobs/tasks.ts': manifestText(tasks, before), ...others };
  t.is(model, null);
  t.deepEqual(
    diagnostics
      .map(
        ({ place, code }) =>
          `${place?.file.slice(fixture.root.length + 1)}:${place?.line}:${place?.column} ${code}`,
      )
      .sort(),
    Object.entries(texts)
      .flatMap(([file, text]) => marked(file, text))
      .sort(),
    formatDiagnostics(diagnostics, fixture),
  );
  return diagnostics;
}

/** The messages have these parts, in the order of their places. */
function says(t: ExecutionContext, diagnostics: readonly Diagnostic[], parts: readonly string[]) {
  t.is(diagnostics.length, parts.length);
  for (const [index, part] of parts.entries()) {
    const message = diagnostics[index]?.message ?? '';
    t.true(message.includes(part), `${message}\ndoes not say\n${part}`);
  }
}

test('what cannot be known without running the manifest is an error at its place', (t) => {
  const found = errors(
    t,
    `a: task({ maxAttempts: /*PGS1006*/Number(process.env['N']) }),
    b: task({ timeout: /*PGS1006*/counter }),
    c: task({ .../*PGS1006*/make() }),
    d: task(/*PGS1006*/make()),
    e: task({ priority: 2 * /*PGS1006*/make().priority }),
    f: task({ backoff: { kind: 'fixed', delay: \`\${/*PGS1006*/counter}s\` as '1s' } }),
    g: task({ timeout: far }),
    h: /*PGS1003*/wrapped(),
    i: task({ maxAttempts: self }),`,
    {
      before: `import { far } from './far.js';
        let counter = 3; counter++;
        const make = () => ({ priority: 3 });
        const wrapped = () => task();
        const self: number = /*PGS1006*/(() => self)();`,
      'src/jobs/far.ts': "export const far = /*PGS1006*/Number('3');",
    },
  );
  says(t, found, [
    'timeout must be known',
    'maxAttempts must be known',
    "maxAttempts must be known without running the manifest: use a literal or a const. `Number(process.env['N'])` is neither.",
    'timeout must be known',
    'The options must be known',
    'The options must be known',
    'priority must be known',
    'backoff must be known',
    '`wrapped()` is neither.',
  ]);
});

test('options that do not exist or cannot be are errors at their place', (t) => {
  const found = errors(
    t,
    `a: task({ /*PGS1007*/maxAttempt: 5 }),
    b: task({ ...typo }),
    c: task({ maxAttempts: /*PGS1007*/0 }),
    d: task({ maxAttempts: /*PGS1007*/2.5 }),
    e: task({ maxRescues: /*PGS1007*/-1 }),
    f: task({ priority: /*PGS1007*/'hgih' }),
    g: task({ priority: /*PGS1007*/40_000 }),
    h: task({ timeout: /*PGS1007*/'30 s' }),
    i: task({ timeout: /*PGS1007*/'-5s' }),
    j: task({ timeout: /*PGS1007*/0 }),
    k: task({ onConflict: /*PGS1007*/'skip' }),
    l: task({ backoff: /*PGS1007*/{ kind: 'fixed' } }),
    m: task({ backoff: { kind: /*PGS1007*/'fibonacci', base: 1 } }),
    n: task({ backoff: { kind: 'exponential', base: '1m', max: /*PGS1007*/'1s' } }),
    o: task({ backoff: { kind: 'exponential', base: 1, jitter: /*PGS1007*/2 } }),
    p: task({ backoff: { kind: 'list', delays: /*PGS1007*/[] } }),
    q: task({ backoff: { kind: 'list', delays: ['1s', /*PGS1007*/'1 s'] } }),
    r: task({ backoff: { kind: 'linear', base: 1, factor: /*PGS1007*/2 } }),
    s: task({ timeout: /*PGS1007*/slow }),
    t: task({ retention: /*PGS1007*/'never' }),
    u: task({ retention: { complete: /*PGS1007*/'1d' } }),
    v: task<{ n: number }>({ key: (a) => \`\${a.n}\`, keyScope: 'history', retention: /*PGS1007*/'none' }),`,
    {
      before:
        "const typo = { /*PGS1007*/maxAttemps: 5, timeout: 1 }; const slow = '1e3s' as const;".replace(
          "'1e3s'",
          "'1e3s'",
        ),
    },
  );
  says(t, found, [
    '`maxAttemps` is no option of a task. Did you mean `maxAttempts`?',
    '`maxAttempt` is no option of a task. Did you mean `maxAttempts`?',
    'maxAttempts must be a number from 1 to 32767; got 0.',
    'maxAttempts must be a whole number from 1 to 32767; got 2.5.',
    'maxRescues must be a number from 1 to 32767; got -1.',
    'priority must be low, normal, high, critical, or a whole number from -32768 to 32767; got "hgih".',
    'priority must be',
    `timeout must be milliseconds as a number, or a text like '250ms'`,
    'timeout must be milliseconds',
    'timeout must be at least 1 ms; got 0.',
    "onConflict must be one of 'raise', 'ignore', 'replace'; got \"skip\".",
    'backoff of kind fixed needs `delay`.',
    'backoff.kind must be exponential, linear, fixed, list; got fibonacci.',
    'backoff.max (1000 ms) is shorter than backoff.base (60000 ms).',
    'backoff.jitter must be a number from 0 to 1; got 2.',
    'backoff.delays must be a list of at least one duration.',
    'backoff.delays[1] must be milliseconds',
    '`factor` is no part of a backoff of kind linear.',
    'got "1e3s"',
    "retention must be 'none' or 'forever', or it must be milliseconds as a number",
    '`complete` is no way for a job to end. Did you mean `completed`?',
    "keyScope 'history' holds a key for as long as its job is kept",
  ]);
});

test('a type that JSON cannot carry is an error at its line', (t) => {
  const found = errors(
    t,
    `a: task<{
      /*PGS1008*/run: () => void;
      /*PGS1008*/any: any;
      list: { /*PGS1008*/unknown: unknown }[];
      /*PGS1008*/user: User;
      /*PGS1008*/tag: symbol;
      /*PGS1008*/pattern: RegExp;
      /*PGS1008*/nothing: void;
      own: Own;
      /*PGS1008*/buffer: Buffer;
      /*PGS1008*/bag: object;
      /*PGS1008*/one: 1n;
      /*PGS1008*/shout: Uppercase<string>;
      /*PGS1008*/mixed: Mixed;
      /*PGS1008*/computed: Computed;
      /*PGS1008*/byNumber: Record<number, string>;
      /*PGS1008*/byPattern: { [key: \`x-\${string}\`]: string };
      /*PGS1008*/last: [...string[], number];
      map: Map<string, { /*PGS1008*/deep: Promise<string> }>;
    }>(),
    b: task({ /*PGS1008*/args: v.any() }),
    c: task({ args: v.object({ /*PGS1008*/file: v.file() }) }),
    d: task<{ ok: true }, /*PGS1008*/unknown>(),
    e: task<{
      list: {
        /*PGS1008*/when: Date | string;
      }[];
    }>(),
    f: task<Endless<string>>(),`,
    {
      'src/jobs/computed.ts': "export enum Computed { A = 'x'.length }",
      before: `import type { Computed } from './computed.js';
        class User { name = ''; }
        interface Own { /*PGS1008*/save(): void }
        interface Mixed { id: number; [key: string]: number }
        interface Endless<T> { /*PGS1008*/value: T; next?: Endless<T[]> }`,
    },
  );
  says(t, found, [
    '`a`: args.own.save is a method, which JSON cannot carry',
    '.next… nests without end, or has too many parts: make it smaller.',
    '`a`: args.run is a function, which JSON cannot carry: leave it out',
    '`a`: args.any is `any`: write the type of the data, or `Json` of pgsched if any JSON will do.',
    '`a`: args.list[].unknown is `unknown`',
    '`a`: args.user is an instance of the class `User`',
    '`a`: args.tag is a symbol',
    '`a`: args.pattern is `RegExp`, which JSON cannot carry',
    '`a`: args.nothing is `void`',
    '`a`: args.buffer is `Buffer<ArrayBufferLike>`',
    '`a`: args.bag is `object`',
    '`a`: args.one is `1n`',
    '`a`: args.shout is `Uppercase<string>`',
    '`a`: args.mixed has fields and an index signature',
    '`a`: args.computed is `Computed`, an enum whose values must be computed: give every member a literal.',
    '`a`: args.byNumber has an index signature of another kind than `[key: string]`, which keys in JSON are: write `Record<string, …>`.',
    '`a`: args.byPattern has an index signature of another kind',
    '`a`: args.last is a tuple with a rest that is not at its end: put it there, or give it a field of its own.',
    '`a`: args.map[][1].deep is `Promise<string>`',
    '`b`: args is `any`',
    '`c`: args.file is `File`',
    '`d`: result is `unknown`',
    '`e`: args.list[].when: string and Date cannot be told apart',
  ]);
});

test('args must be an object, so that a field can be added', (t) => {
  const found = errors(
    t,
    `a: task</*PGS1003*/string>(),
    b: task</*PGS1003*/string[]>(),
    c: task({ /*PGS1003*/args: v.date() }),`,
  );
  says(t, found, [
    'args of `a` must be an object, so that fields can be added later; got `string`.',
    'got `string[]`',
    'got `Date`',
  ]);
});

test('a key that is no text of the args is an error at its place', (t) => {
  const found = errors(
    t,
    `a: task<A>({ key: (a) => \`x:\${/*PGS1009*/a.at}\` }),
    b: task<A>({ key: (a) => /*PGS1009*/a.name.toLowerCase() }),
    c: task<A>({ key: (a) => \`\${/*PGS1009*/a.maybe}\` }),
    d: task<A>({ key: ({ /*PGS1009*/name = 'x' }) => name }),
    e: task<A>({ key: /*PGS1009*/function (a) { return a.name; } }),
    f: task<A>({ key: (a) => /*PGS1009*/{ const n = a.name; return n; } }),
    g: task<A>({ key: (a) => \`\${a.name}:\${/*PGS1009*/Date.now()}\` }),
    h: task<A>({ key: (a) => (/*PGS1009*/a.maybe?.x ?? 'none') }),
    i: task<A>({ key: (a) => \`\${/*PGS1009*/a.list.length}\` }),
    j: task<A>({ key: (a) => /*PGS1009*/a.list['0'] }),
    k: task<A>({ key: (a) => \`\${/*PGS1009*/a.name.length}\` }),
    l: task<A>({ key: ({ url: /*PGS1009*/{ host } }) => host }),`,
    {
      before: `interface A {
        at: Date; name: string; maybe?: { x: string } | null; list: [string]; url: URL;
      }`,
    },
  );
  says(t, found, [
    '`a.at` is Date: only a string, number, boolean or bigint that is never missing or null makes a key.',
    "A key is a text of args' fields: `a.name.toLowerCase()` cannot be computed in SQL. Add a field for it, or pass { key } where you enqueue.",
    'never missing or null',
    "`name = 'x'` cannot be computed",
    'A key is an arrow function',
    'cannot be computed',
    '`Date.now()` cannot be computed',
    'cannot be computed',
    '`a.list.length` cannot be computed',
    "`a.list['0']` cannot be computed",
    '`a.name.length` cannot be computed',
    '`{ host }` cannot be computed',
  ]);
});

test('names that cannot be are errors at their place', (t) => {
  const long = 'x'.repeat(60);
  const found = errors(
    t,
    `/*PGS1004*/Send: task(),
    /*PGS1004*/'send-mail': task(),
    /*PGS1004*/then: task(),
    /*PGS1004*/index: task(),
    /*PGS1004*/'__proto__': task(),
    mail: { /*PGS1004*/then: {}, index: task(), /*PGS1004*/é: task() },
    /*PGS1004*/${long}: task(),`,
  );
  says(t, found, [
    'A name starts with a small letter and has only letters and digits after it; got "Send".',
    'got "send-mail"',
    '`then` cannot be a name: `await`',
    '`index` cannot be a name at the root',
    'got "__proto__"',
    '`then` cannot be a name',
    'got "é"',
    'too long',
  ]);
});

test('names that become one are errors, with both places', (t) => {
  const found = errors(
    t,
    `mail: { sendReceipt: task(), sendURL: task(), /*PGS1005*/sendUrl: task() },
    mailSend: { /*PGS1005*/receipt: task() },
    twice: task(),
    /*PGS1005*/twice: task(),
    ...more,`,
    { before: 'const more = { /*PGS1005*/mail: {} };' },
  );
  says(t, found, [
    '`mail` is declared twice.',
    '`mail.sendUrl` and `mail.sendURL` both make the file mail/send-url. Rename one of them.',
    '`mailSend.receipt` and `mail.sendReceipt` both make the type name MailSendReceipt. Rename one of them.',
    '`twice` is declared twice.',
  ]);
  t.deepEqual(
    found.map(({ related }) => related.map(({ place }) => `${place.line}:${place.column}`)),
    [['5:1'], ['5:30'], ['5:9'], ['7:5']],
  );
});

test('what keeps a task from having its SQL function is an error at its name', (t) => {
  const found = errors(
    t,
    `/*PGS1004*/many: task(),
    mail: { many: task(), send: task<{ to: string }>() },
    /*PGS1020*/a: task<{ orderId: number; order_id: number }>(),
    /*PGS1020*/b: task<{ ${'long'.repeat(16)}: string }>(),
    c: task<{ a: { orderId: number; order_id: number } } | { orderId: number }>(),
    /*PGS1005*/d: task({ formerly: ['mailSend'] }),
    sendURL: task({ formerly: ['sendUrl'] }),`,
  );
  says(t, found, [
    "`many` cannot be a name: its SQL function would be enqueue_many, which is pgsched's own.",
    'its fields "orderId" and "order_id" both make the SQL argument order_id.',
    'its SQL argument has 64 bytes of at most 63.',
    '`mailSend`, the former name of `d`, and `mail.send` both make the SQL function enqueue_mail_send.',
  ]);
});

test('what is neither a task nor a group is an error at its place', (t) => {
  errors(
    t,
    `a: /*PGS1003*/3 as never,
    /*PGS1003*/b() { return task(); },
    c: [/*PGS1003*/].length as never,`.replace('c: [/*PGS1003*/].length as never,', ''),
  );
});

test('a manifest without defineTasks says what one has', (t) => {
  const fixture = project(t, {
    'src/jobs/tasks.ts': "import { task } from 'pgsched';\nexport default { ping: task() };\n",
  });
  const { diagnostics } = readManifest(fixture.manifest);
  t.is(diagnostics[0]?.code, 'PGS1003');
  t.true(diagnostics[0]?.message.includes('export default defineTasks({ … })'));
});

test('a syntax error is an error at its place', (t) => {
  const [found] = errors(t, 'a: task({ timeout: /*PGS1001*/}),');
  t.is(found?.message, 'Expression expected.');
});

test("TypeScript's own errors come with their hints, those of files that hold no task do not", (t) => {
  const found = errors(
    t,
    `a: task</*PGS1003*/Missing>(),
    b: task<{ n: number }>({ key: (a) => a./*PGS1007*/m }),
    c: task({ args: v./*PGS1007*/objet({}) }),`,
    { before: "import './other.js';", 'src/jobs/other.ts': 'export const n: number = "text";' },
  );
  t.true(found.some(({ message }) => message.includes("Did you mean 'object'?")));
});

test('a tsconfig that is not strict is refused', (t) => {
  for (const option of ['strict', 'strictNullChecks']) {
    const fixture = project(
      t,
      {
        'src/jobs/tasks.ts':
          "import { defineTasks, task } from 'pgsched';\nexport default defineTasks({ a: task() });",
      },
      { module: 'NodeNext', [option]: false },
    );
    const { model, diagnostics } = readManifest(fixture.manifest);
    t.is(model, null);
    t.is(diagnostics[0]?.code, 'PGS1010');
    t.is(diagnostics[0]?.place?.file, fixture.path('tsconfig.json'));
    t.true(diagnostics[0]?.message.includes(`"${option}": false`));
  }
});

test('an error is shown with its place, its line, and the other place', (t) => {
  const fixture = manifest(t, 'a: task({ timeout: minutes }),\n  a: task(),', {
    before: 'const minutes: number = [1].length;',
  });
  const { diagnostics } = readManifest(fixture.manifest);
  t.is(
    formatDiagnostics(diagnostics, fixture),
    `src/jobs/tasks.ts:3:25 - error PGS1006: timeout must be known without running the manifest: use a literal or a const. \`[1].length\` is neither.
3  const minutes: number = [1].length;
                           ~~~~~~~~~~
  src/jobs/tasks.ts:5:20 - it is used here

src/jobs/tasks.ts:6:3 - error PGS1005: \`a\` is declared twice.
6  a: task(),
   ~
  src/jobs/tasks.ts:5:1 - the other one
`,
  );
});
