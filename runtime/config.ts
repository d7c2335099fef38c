/** What `pgsched.config.ts` says. Every option has a default; paths are relative to the config file. */
export interface Config {
  /** The file that declares the tasks. @default the first of `tasks.ts`, `jobs/tasks.ts`, `src/jobs/tasks.ts` that exists */
  manifest?: string | undefined;
  /** The folder of generated code. @default `generated` beside the manifest */
  out?: string | undefined;
  /** The folder of handlers. @default `handlers` beside the manifest */
  handlers?: string | undefined;
  /** The file whose default export is `defineWorker({ … })`. @default `worker.ts` beside the manifest, or with `contract` beside the handlers, if it is there */
  worker?: string | undefined;
  /**
   * `'standalone'`: also writes `standalone.ts`, beside `client.ts`: a client in one file for edge functions, other packages, and
   * wherever neither the manifest nor pg may be loaded. @default `client.ts` alone
   */
  client?: 'standalone' | undefined;
  /**
   * For handlers in another package: the package of the manifest, as the handlers' package imports it, such as `'@acme/jobs'`. Its
   * `exports` must give away `generated/client.js`, `generated/contract.js` and, where a task has a schema, the manifest. What is
   * generated for the handlers then stands in `generated` beside them. @default the handlers are in the same package
   */
  contract?: string | undefined;
  /**
   * Several workers, each with handlers of its own, by their names: `pgsched worker media` runs the one that is called `media`.
   * Takes the place of `handlers`, `worker` and `contract`. @default one worker, which has every task
   */
  workers?: Record<string, WorkerConfig> | undefined;
  /** How generated modules name others in imports: `'./x.js'`, `'./x.ts'` or `'./x'`. @default as the tsconfig asks for */
  importExtension?: 'js' | 'ts' | 'none' | undefined;
  /** The database schema of this instance of pgsched: goes into the generated code. @default 'pgsched' */
  schema?: string | undefined;
  /**
   * The branch or tag that is released, or a file with its contract.json: payloads that stand in its contract may be in rows, and
   * are not changed without a new version. @default 'origin/HEAD', else 'HEAD'
   */
  baseline?: string | undefined;
  /** Whether `generate` also writes a JSON Schema per task, for producers in other languages: `schemas/` in `out`. @default false */
  jsonSchema?: boolean | undefined;
}

/** One of several workers. What is generated for its handlers stands in `generated` beside them. */
export interface WorkerConfig {
  /** Patterns of its tasks' names, such as `'media.**'`: `*` is one name, `**` any number. Each task must be one worker's. */
  tasks: string | readonly string[];
  /** The folder of its handlers. */
  handlers: string;
  /** The file whose default export is `defineWorker({ … })`. @default `worker.ts` beside the handlers, if it is there */
  worker?: string | undefined;
  /** As the config's `contract`, for the package of these handlers. @default they are in the package of the manifest */
  contract?: string | undefined;
}

/** Gives the config its type. Export it as the default of `pgsched.config.ts`. */
export function defineConfig(config: Config): Config {
  return config;
}
