import { Command, InvalidArgumentError, Option } from 'commander';
import { maskUrl } from '../runtime/database/mask-url.js';
import { checkLevels } from './check/level.js';
import type { ExitCode } from './exit-codes.js';
import { withReport } from './format/options.js';
import { hasColor, paint } from './output.js';
import { packageVersion } from './package-version.js';

/** What runs a command: gets its arguments, then its options with the global ones. Nothing means done. */
type Action = (...args: never[]) => Promise<ExitCode | void>;

const exits = `
Exit codes:
  0  done
  1  a bug in pgsched
  2  could not do it: usage, config, manifest, database
  3  you said no
  4  ran and found something: stale files, breaking changes, pending migrations, a failed job
  130, 143  ended by a signal`;

/** The command line. Each command's own code is loaded when it runs: `--help` needs none of it. */
export function makeProgram(onEnd: (code: ExitCode) => void): Command {
  const program = new Command('pgsched')
    .description('Type-safe background tasks on PostgreSQL.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .option('--config <file>', 'the config file (default: pgsched.config.ts, if there is one)')
    .option('--trace', 'print the stack of an error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      getErrHasColors: () => hasColor(process.stderr),
      getOutHasColors: () => hasColor(process.stdout),
      outputError: (text, write) =>
        write(maskUrl(text).replace(/^error/, paint('red', 'error', process.stderr))),
    })
    .showHelpAfterError()
    .exitOverride()
    .addHelpText('after', exits);

  const lazily = (load: () => Promise<Action>) =>
    async function (this: Command): Promise<void> {
      const action = await load();
      const args = [...this.processedArgs, this.optsWithGlobals()] as never[];
      onEnd((await action(...args)) ?? 0);
    };

  program
    .command('init')
    .description(
      'write the config, a manifest with one task, and what they need; keeps what is there',
    )
    .option('--dry-run', 'say what would be written, and write nothing')
    .action(lazily(async () => (await import('./commands/init.js')).init));

  withReport(program.command('generate'))
    .description('make the client, the handlers’ types and stubs from the manifest')
    .addOption(
      new Option('--check', 'write nothing; exit 4 when a file is stale').conflicts('watch'),
    )
    .addOption(
      new Option(
        '--explain <task>',
        'write nothing; print where each part of a task’s contract comes from',
      ).conflicts(['check', 'watch']),
    )
    .addOption(new Option('--watch', 'again after every change').conflicts(['format', 'json']))
    .action(lazily(async () => (await import('./commands/generate.js')).generateCommand));

  withReport(program.command('check'))
    .description(
      'find stale files, and changes that break jobs in the queue or code that calls; writes nothing, exits with 4 for one',
    )
    .option(
      '--against <ref>',
      'a branch, tag or commit, or a contract.json, that is released (default: the config’s baseline, else origin/HEAD, else HEAD)',
    )
    .addOption(
      new Option(
        '--level <level>',
        'what it fails for: breaks of rows in the queue, also of code that calls (source), also warnings (all)',
      )
        .choices(checkLevels)
        .default('rows'),
    )
    .option('--database', 'also decode what is queued, in read-only transactions')
    .addOption(
      databaseUrl(
        'the database of --database (default: PGSCHED_DATABASE_URL, DATABASE_URL, or PG*)',
      ),
    )
    .option('--sample <n>', 'of the queue only the first n jobs of each lane', wholeNumber)
    .action(lazily(async () => (await import('./commands/check.js')).check));

  const migrate = program
    .command('migrate')
    .description('bring the database to the schema of this version');
  withDatabase(
    migrate.command('up', { isDefault: true }).description('apply what is missing (the default)'),
  ).action(lazily(async () => (await import('./commands/migrate.js')).up));
  withDatabase(
    migrate
      .command('status')
      .description('print what is applied; exit 4 when something is missing'),
  ).action(lazily(async () => (await import('./commands/migrate.js')).status));
  withDatabase(
    migrate
      .command('sql')
      .description('print what up would run, for a migration of your own; change nothing'),
  )
    .option('--fresh', 'for a database without pgsched; connects to none')
    .action(lazily(async () => (await import('./commands/migrate-sql.js')).sql));

  withDatabase(program.command('worker'))
    .description('run the handlers')
    .argument('[name]', 'which of the config’s workers, where it has several')
    .option('--concurrency <n>', 'handlers that run at once (default: 25)', wholeNumber)
    .option(
      '--topic <pattern>',
      'only jobs whose topic fits: * is one name, ** any number; may be repeated',
      (pattern: string, before: readonly string[] = []) => [...before, pattern],
    )
    .option('--drain <duration>', 'how long a stop waits for running handlers', '30s')
    .option('--handlers <file>', 'the handlers’ index file, such as dist/jobs/handlers/index.js')
    .option('--no-prepare', 'no prepared statements: for transaction-mode poolers')
    .option('--json', 'print every event on stdout, one JSON object a line')
    .option('--verbose', 'also report every completed job')
    .addOption(new Option('--child').hideHelp())
    .action(lazily(async () => (await import('./commands/worker.js')).worker));

  withDatabase(program.command('enqueue'))
    .description('enqueue one job and print its id')
    .argument('<task>', 'the task’s name, such as mail.sendReceipt')
    .argument('[json]', 'its args as JSON, or - to read them from stdin')
    .option('--wait', 'wait for the job to end, and print its result as JSON')
    .option('--timeout <duration>', 'how long to wait', '30s')
    .addOption(new Option('--delay <duration>', 'how long from now to run').conflicts('runAt'))
    .option('--run-at <instant>', 'when to run, such as 2030-01-31T09:00:00Z')
    .option('--priority <level>', 'low, normal, high, critical, or a whole number')
    .option('--key <key>', 'idempotency key')
    .action(lazily(async () => (await import('./commands/enqueue.js')).enqueue));

  program
    .command('dev')
    .description(
      'everything for development: a database, migrations, generate in watch, a worker, and your own command beside them',
    )
    .argument(
      '[command...]',
      'your own command, after --: gets PGSCHED_DATABASE_URL, and ends dev when it ends',
    )
    .addOption(
      databaseUrl(
        'the database (default: PGSCHED_DATABASE_URL, else an embedded one in .pgsched/)',
      ),
    )
    .action(lazily(async () => (await import('./commands/dev.js')).dev));

  return program;
}

function withDatabase(command: Command): Command {
  return command
    .addOption(databaseUrl('the database (default: PGSCHED_DATABASE_URL, DATABASE_URL, or PG*)'))
    .option('--schema <name>', 'the database schema (default: the config’s)');
}

function databaseUrl(description: string): Option {
  return new Option('--database-url <url>', description);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
