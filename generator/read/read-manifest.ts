import type { Symbol as TsSymbol } from 'ts-morph';
import type { TaskContract } from '../../runtime/contract/types.js';
import { type Diagnostic, diagnostic, type Place, sortDiagnostics } from '../diagnostic.js';
import type { ManifestModel, TaskModel } from '../model.js';
import { checkNames } from './check-names.js';
import { checkSqlNames } from './check-sql-names.js';
import { withCompilerFindings } from './compiler-findings.js';
import { checkFormerNames, readRetired } from './former-names.js';
import { readOptions } from './options.js';
import { placeOf } from './place.js';
import { openProgram, ownModules, type Program } from './program.js';
import { readTaskTypes } from './task-types.js';
import { type DeclaredTask, findTasks, type Report } from './tasks.js';
import { docOf, readTag } from './type-walk.js';

export interface ReadManifest {
  /** null when anything is wrong. */
  readonly model: ManifestModel | null;
  /** The tasks as they stand in the source. */
  readonly declared: readonly DeclaredTask[];
  readonly diagnostics: readonly Diagnostic[];
  /** Where the name of each task stands. */
  readonly places: ReadonlyMap<string, Place>;
  /** Absolute paths of the user's own files that the result depends on. */
  readonly inputs: readonly string[];
  /** Makes the next reading of the same manifest faster. */
  readonly program: Program;
}

/** Reads a manifest without running it. Everything that is wrong is found in one go. */
export function readManifest(manifest: string, earlier?: Program): ReadManifest {
  const program = openProgram(manifest, earlier);
  const found: Diagnostic[] = [];
  const report: Report = (name, node, message, other) => {
    const related = other ? [{ place: placeOf(other.node), message: other.message }] : [];
    found.push(diagnostic(name, placeOf(node), message, { related }));
  };
  const declared = findTasks(program.manifest, report);
  const tasks = declared.tasks.map((task) => readTask(task, report));
  const read = declared.tasks.map((task, place) => ({
    ...task,
    contract: (tasks[place] as TaskModel).contract,
  }));
  checkNames(read, report);
  checkSqlNames(read, report);
  const retired = readRetired(declared.options, report);
  checkFormerNames(read, retired, report);
  const diagnostics = sortDiagnostics(
    withCompilerFindings(withoutRepeats(found), program, declared),
  );
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return {
    model: failed
      ? null
      : {
          tasks,
          groups: declared.groups,
          retired: retired.map(({ name }) => name).sort(),
          extension: program.extension,
        },
    diagnostics,
    declared: declared.tasks,
    places: new Map(declared.tasks.map(({ name, nameNode }) => [name, placeOf(nameNode)])),
    inputs: inputsOf(program),
    program,
  };
}

function readTask(declared: DeclaredTask, report: Report): TaskModel {
  const { schemas, topic, ...options } = readOptions(declared.options, report);
  const { args, result, contractDefinitions, ...types } = readTaskTypes(declared, schemas, report);
  const contract: TaskContract = {
    topic: topic ?? declared.name,
    ...options,
    args,
    result,
    schemas,
    ...(Object.keys(contractDefinitions).length > 0 ? { definitions: contractDefinitions } : {}),
  };
  return { name: declared.name, ...readDoc(declared), contract, ...types };
}

/** The doc comment stands at the property, or at the const that the property names. */
function readDoc({ property, call }: DeclaredTask): Pick<TaskModel, 'doc' | 'deprecated' | 'tags'> {
  const symbols = [property.getSymbol(), call.getParent()?.getSymbol()].filter(
    (symbol, index, all) =>
      !!symbol &&
      all.findIndex((other) => other?.compilerSymbol === symbol.compilerSymbol) === index,
  ) as TsSymbol[];
  const tags = symbols.flatMap((symbol) => symbol.getJsDocTags()).map(readTag);
  return {
    doc: symbols.map(docOf).find((doc) => doc !== '') ?? '',
    deprecated: tags.find(({ name }) => name === 'deprecated')?.text ?? null,
    tags: tags.filter(({ name }) => name !== 'deprecated'),
  };
}

/** A const that is used twice is read twice; its problems are one. */
function withoutRepeats(found: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return found.filter(({ place, message }) => {
    const key = JSON.stringify([place?.file, place?.line, place?.column, message]);
    return !seen.has(key) && seen.add(key);
  });
}

function inputsOf({ project, configs }: Program): string[] {
  const { files, missing } = ownModules(project);
  return [...new Set([...files, ...missing, ...configs])].sort();
}
