import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { pgsched } from '../support/cli.js';
import { tsconfig, userProject, write } from '../support/project.js';

const manifest = (task: string) => `import { defineTasks, task } from 'pgsched';
export default defineTasks({
  ${task}
});
`;

function git(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

test('generate keeps what git says is released, and warns of what rows would not fit', async (t) => {
  const cwd = userProject({
    'src/jobs/tasks.ts': manifest('greet: task<{ name: string }>(),'),
    'tsconfig.json': tsconfig,
    '.gitignore': 'node_modules\n',
  });
  const generate = async (task: string) => {
    write(cwd, { 'src/jobs/tasks.ts': manifest(task) });
    const { code, stderr } = await pgsched(['generate'], { cwd });
    t.is(code, 0, stderr);
    const contract = readFileSync(join(cwd, 'src/jobs/generated/contract.json'), 'utf8');
    return { stderr, history: Object.keys(JSON.parse(contract).tasks.greet.history ?? {}) };
  };
  await generate('greet: task<{ name: string }>(),');
  git(cwd, 'init', '-q', '-b', 'main');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-qm', 'Released');

  const broken = await generate('greet: task<{ first: string }>(),');
  t.regex(
    broken.stderr,
    /^src\/jobs\/tasks\.ts:3:3 - warning PGS1031: greet: `args\.first` is new and required/m,
  );
  t.deepEqual(broken.history, []);

  const raised = await generate('greet: task<{ first: string }>({ version: 2 }),');
  t.deepEqual(raised, { stderr: '', history: ['1'] });
  const drafted = await generate('greet: task<{ last: string }>({ version: 3 }),');
  t.deepEqual(drafted.history, ['1'], 'version 2 was never released');
  const { code, stdout } = await pgsched(['generate', '--check'], { cwd });
  t.is(code, 0, stdout);
});
