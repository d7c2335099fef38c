import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { type Diagnostic, diagnostic, wholeFile } from '../../generator/diagnostic.js';
import { olderVersions } from '../../generator/emit/upcast.js';
import type { Generated } from '../../generator/generate.js';
import { type TaskCodec, taskCodec } from '../../runtime/contract/codec.js';
import type { Contract } from '../../runtime/contract/types.js';
import type { Upcasters } from '../../runtime/contract/upcast.js';
import { type Executor, Statements } from '../../runtime/database/statements.js';
import { declaredTask } from '../../runtime/manifest.js';
import type { Group } from '../../runtime/task.js';
import { withDatabase } from '../database.js';
import { loadModule } from '../load-module.js';
import { count } from '../output.js';
import type { CheckPart } from './part.js';
import { type Queued, type QueuedKind, readQueued } from './queued-rows.js';

export interface QueuedOptions {
  readonly databaseUrl?: string | undefined;
  /** How many jobs of each lane to read; all by default. */
  readonly sample?: number | undefined;
}

type Checked = Generated & { readonly contract: Contract };

/** Whether what is queued in the database fits the contract. Writes nothing there: the transactions are read-only. */
export async function checkQueued(generated: Checked, options: QueuedOptions): Promise<CheckPart> {
  const { project, contract } = generated;
  const codecs = await loadCodecs(generated);
  const queued = await withDatabase(options, async (client: pg.Client) => {
    // Each statement with a snapshot of its own, so that a long look holds back no vacuum.
    await client.query('set session characteristics as transaction read only');
    const run = new Statements(project.schema).on(client as Executor);
    return readQueued(run, contract, codecs, options.sample ?? null);
  });
  const jobs = queued.kinds.reduce((sum, kind) => sum + kind.jobs, 0);
  return {
    diagnostics: [
      ...queued.kinds.flatMap((kind) => misfits(kind, generated)),
      ...needless(queued, generated),
    ],
    summary: `${count(jobs, 'job')} of the queue ${jobs === 1 ? 'fits' : 'fit'} the contract.`,
    remarks: [],
    facts: {
      queued: queued.kinds.map(({ failures, ...kind }) => ({
        ...kind,
        failures: [...failures.values()],
      })),
    },
  };
}

/** The codecs of a worker: with the schemas of the manifest and the user's upcasters, and without a handler. */
async function loadCodecs({ project, contract }: Checked): Promise<Map<string, TaskCodec>> {
  const tasks = Object.entries(contract.tasks);
  const schemas = tasks.some(([, task]) => task.schemas.args || task.schemas.result);
  const manifest = schemas ? ((await loadModule(project.manifest))['default'] as Group) : null;
  const files = project.workers
    .map(({ handlers }) => join(handlers, 'upcasters.ts'))
    .filter((file) => existsSync(file));
  const modules = await Promise.all(files.map((file) => loadModule(file)));
  const upcasters: Upcasters = Object.assign(
    Object.create(null),
    ...modules.map((module) => module['upcasters']),
  );
  return new Map(
    tasks.map(([name, task]) => [
      name,
      taskCodec(name, task, declaredTask(manifest, name), upcasters[name]),
    ]),
  );
}

/** What of one task and version would fail, or wait. */
function misfits(kind: QueuedKind, { places, project }: Checked): Diagnostic[] {
  const { task, version, jobs, fate, failures } = kind;
  const of = `${count(jobs, 'queued job')} of \`${task}\` (version ${version})`;
  const finding = (severity: Diagnostic['severity'], message: string) =>
    diagnostic('QueuedJobsFail', places.get(task) ?? wholeFile(project.manifest), message, {
      severity,
    });
  if (fate !== 'decoded') {
    const { severity, says } = waits[fate];
    return [finding(severity, `${of} ${says(version)}`)];
  }
  return [...failures.values()].map(({ path, message, jobs: bad, example }) =>
    finding(
      'error',
      `${bad} of ${of} would fail: ${path === '' ? '' : `args.${path}: `}${message} (job ${example} for one).`,
    ),
  );
}

/** What is said of jobs that this contract's workers leave alone. */
const waits: Readonly<
  Record<
    Exclude<QueuedKind['fate'], 'decoded'>,
    { readonly severity: Diagnostic['severity']; readonly says: (version: number) => string }
  >
> = {
  unknown: {
    severity: 'error',
    says: () =>
      'would wait for ever: the manifest has no such task. Restore it, name it in `formerly` of the task that it is now, or in `retired`.',
  },
  dropped: {
    severity: 'error',
    says: (version) =>
      `would wait for ever: there is no upcaster from version ${version}. Restore its steps, or let workers that know it finish first.`,
  },
  newer: { severity: 'warning', says: () => 'wait for workers newer than this contract.' },
  retired: {
    severity: 'warning',
    says: () =>
      'still wait, for workers that know it. It is retired: cancel them, or keep such a worker until they are done.',
  },
};

/** What the manifest and the upcasters need no longer, as far as this database goes. */
function needless({ kinds, recorded }: Queued, { contract, places }: Checked): Diagnostic[] {
  const info = (task: string, message: string) =>
    diagnostic('NoLongerNeeded', places.get(task) ?? null, message, { severity: 'info' });
  const steps = Object.entries(contract.tasks).flatMap(([task, own]) => {
    const queued = kinds.filter((kind) => kind.task === task).map(({ version }) => version);
    const oldest = Math.min(...queued);
    const free = olderVersions(own).filter((version) => version < oldest);
    return free.length === 0
      ? []
      : [
          info(
            task,
            `No job of \`${task}\` here is of version ${free.join(' or ')}: once that holds everywhere, and no old caller runs any more, those steps of its upcaster can go.`,
          ),
        ];
  });
  const names = recorded.map((task) =>
    info(
      task,
      `This database knows the former names of \`${task}\`: once every database does, \`formerly\` can go.`,
    ),
  );
  const retired = (contract.retired ?? [])
    .filter((task) => !kinds.some((kind) => kind.task === task))
    .map((task) =>
      info(
        task,
        `No job of the retired \`${task}\` is left here: once that holds everywhere, \`retired\` can let go of it.`,
      ),
    );
  return [...steps, ...names, ...retired];
}
