import { Node, type SourceFile, ts } from 'ts-morph';
import { type Diagnostic, diagnostic, wholeFile } from '../diagnostic.js';
import { placeIn } from './place.js';
import type { Program } from './program.js';
import type { DeclaredTasks } from './tasks.js';

/**
 * Our findings with TypeScript's own about the manifest and its config. A syntax error speaks alone, for the rest follows
 * from it. Of two findings on one line the cause stays: TypeScript's where a name is unknown, else ours, which knows what a task is.
 */
export function withCompilerFindings(
  ours: readonly Diagnostic[],
  program: Program,
  declared: DeclaredTasks,
): Diagnostic[] {
  const files = [...declared.files];
  const syntax = files.flatMap((file) => syntaxErrors(program, file));
  if (syntax.length > 0) return syntax;
  const typeErrors = files.flatMap((file) => findTypeErrors(program, file, declared));
  const causes = typeErrors.filter(({ isUnknownName }) => isUnknownName);
  return [
    ...strictness(program),
    ...program.problems.map((problem) => finding('InvalidManifest', problem)),
    ...ours.filter((own) => !causes.some(({ found }) => sameLine(own, found))),
    ...typeErrors
      .filter(
        ({ found, isUnknownName }) => isUnknownName || !ours.some((own) => sameLine(own, found)),
      )
      .map(({ found }) => found),
  ];
}

function strictness({ notStrict }: Program): Diagnostic[] {
  if (!notStrict) return [];
  const { config, option } = notStrict;
  return [
    diagnostic(
      'NotStrict',
      wholeFile(config),
      `pgsched needs TypeScript's strict mode: without it types lose \`null\` and \`undefined\`. Set "strict": true here, and remove "${option}": false.`,
    ),
  ];
}

function syntaxErrors({ project }: Program, file: SourceFile): Diagnostic[] {
  const program = project.getProgram().compilerObject;
  return program
    .getSyntacticDiagnostics(file.compilerNode)
    .map((problem) => finding('ManifestSyntax', problem));
}

interface TypeError {
  readonly found: Diagnostic;
  /** A name, a member or a module that is not there: its type is `any`, and other findings follow from that. */
  readonly isUnknownName: boolean;
}

const unknownNames: ReadonlySet<number> = new Set([
  2304, 2305, 2307, 2339, 2503, 2551, 2552, 2614, 2694, 2724,
]);

function findTypeErrors(
  { project }: Program,
  file: SourceFile,
  declared: DeclaredTasks,
): TypeError[] {
  const program = project.getProgram().compilerObject;
  return program
    .getSemanticDiagnostics(file.compilerNode)
    .filter((problem) => problem.category === ts.DiagnosticCategory.Error)
    .map((problem) => {
      const inOptions = declared.tasks.some(({ options }) => contains(options, file, problem));
      return {
        found: finding(inOptions ? 'InvalidTaskOption' : 'InvalidManifest', problem),
        isUnknownName: unknownNames.has(problem.code),
      };
    });
}

function contains(node: Node | undefined, file: SourceFile, { start }: ts.Diagnostic): boolean {
  return (
    Node.isObjectLiteralExpression(node) &&
    node.getSourceFile() === file &&
    start !== undefined &&
    start >= node.getStart() &&
    start < node.getEnd()
  );
}

function finding(name: Diagnostic['name'], problem: ts.Diagnostic): Diagnostic {
  const message = ts.flattenDiagnosticMessageText(problem.messageText, '\n');
  const { file, start } = problem;
  const place =
    file && start !== undefined ? placeIn(file, start, start + (problem.length ?? 1)) : null;
  return diagnostic(name, place, message);
}

function sameLine(a: Diagnostic, b: Diagnostic): boolean {
  return a.place?.file === b.place?.file && a.place?.line === b.place?.line;
}
