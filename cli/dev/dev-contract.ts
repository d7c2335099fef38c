import type { Project } from '../../generator/project.js';
import { withDatabase } from '../database.js';
import { changeLines, defineContract } from '../define-contract.js';
import { reportFailure } from '../failure.js';
import { note } from '../output.js';
import { generatedContract } from '../read-contract.js';

/** What `pgsched migrate` does for the contract, after every run that changed it: the tasks' names and defaults, and their SQL functions. */
export class DevContract {
  readonly #project: Project;
  readonly #databaseUrl: string;
  #defined = '';
  /** One at a time, in the order of the runs. */
  #last: Promise<void> = Promise.resolve();

  constructor(project: Project, databaseUrl: string) {
    this.#project = project;
    this.#databaseUrl = databaseUrl;
  }

  /** Resolves when the database has the contract as it was generated. What goes wrong is reported, and tried again after the next run. */
  define(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#define())
      .catch((error) => {
        reportFailure(error, false);
      });
    return this.#last;
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #define(): Promise<void> {
    const contract = await generatedContract(this.#project);
    const text = JSON.stringify(contract);
    if (contract === null || text === this.#defined) return;
    const defined = await withDatabase({ databaseUrl: this.#databaseUrl }, (client) =>
      defineContract(client, this.#project.schema, contract),
    );
    this.#defined = text;
    for (const line of changeLines(defined)) note(line);
  }
}
