import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { Project, type SourceFile, ts } from 'ts-morph';
import type { ImportExtension } from '../model.js';

/** A manifest file with the compiler around it. */
export interface Program {
  readonly manifest: SourceFile;
  readonly project: Project;
  /** What the project was made with: an equal text makes an equal project. */
  readonly settings: string;
  /** Absolute paths of the tsconfig, of all that it extends, and of the ambient declarations that it adds. */
  readonly configs: readonly string[];
  /** Whether the user's tsconfig switches strictness off, and where it stands. */
  readonly notStrict: { readonly config: string; readonly option: string } | null;
  /** What is wrong with the tsconfig itself. */
  readonly problems: readonly ts.Diagnostic[];
  readonly extension: ImportExtension;
}

/**
 * Loads the manifest with the nearest tsconfig. Nothing of the user's code runs. Given the program of an earlier run, takes
 * from it what has not changed since, so that a watch need not parse the world again.
 */
export function openProgram(manifest: string, earlier?: Program): Program {
  const config = readConfig(manifest);
  const settings = JSON.stringify([config.options, config.ambient]);
  const project =
    earlier?.settings === settings ? refreshed(earlier.project, config) : createProject(config);
  return {
    manifest: project.addSourceFileAtPath(manifest),
    project,
    settings,
    configs: [...config.files, ...config.ambient],
    notStrict: config.notStrict,
    problems: config.problems,
    extension: importExtension(config.options),
  };
}

function createProject(config: Config): Project {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { ...config.options, ...ours(config.options) },
  });
  // Ambient declarations count although nothing imports them.
  project.addSourceFilesAtPaths(config.ambient);
  return project;
}

/**
 * The project with every file of the user's own as it is on disk now. Where one has gone or come, what imports mean is open
 * again, and only a new project asks.
 */
function refreshed(project: Project, config: Config): Project {
  const modules = ownModules(project);
  if (modules.missing.some(existsSync) || !modules.files.every(existsSync)) {
    return createProject(config);
  }
  for (const path of modules.files) project.getSourceFile(path)?.refreshFromFileSystemSync();
  return project;
}

/** The user's own modules in a project, and where those are expected that are imported and not there. */
export function ownModules(project: Project): { files: string[]; missing: string[] } {
  const files = project
    .getProgram()
    .compilerObject.getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !file.fileName.includes('/node_modules/'))
    .map(({ fileName }) => fileName);
  const missing = files.flatMap((file) =>
    (project.getSourceFile(file)?.getImportDeclarations() ?? [])
      // One that is half written names no module.
      .filter(({ compilerNode }) => ts.isStringLiteral(compilerNode.moduleSpecifier))
      .filter((found) => found.isModuleSpecifierRelative() && !found.getModuleSpecifierSourceFile())
      .map((found) => resolvePath(dirname(file), found.getModuleSpecifierValue()))
      .map((path) => path.replace(/\.([cm]?)js$/, '.$1ts')),
  );
  return { files, missing };
}

interface Config {
  readonly options: ts.CompilerOptions;
  readonly files: readonly string[];
  readonly ambient: readonly string[];
  readonly notStrict: Program['notStrict'];
  readonly problems: readonly ts.Diagnostic[];
}

const withoutConfig: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  skipLibCheck: true,
};

function readConfig(manifest: string): Config {
  const nearest = ts.findConfigFile(dirname(manifest), existsSync, 'tsconfig.json');
  if (nearest === undefined) {
    return { options: withoutConfig, files: [], ambient: [], notStrict: null, problems: [] };
  }
  const parsed = parse(nearest);
  // A solution file only points to the projects that hold the files.
  const owner = parsed.fileNames.includes(manifest)
    ? undefined
    : parsed.references.find((reference) => reference.fileNames.includes(manifest));
  const { path, options, fileNames, extended, errors } = owner ?? parsed;
  const off = (['strict', 'strictNullChecks'] as const).find((option) => options[option] === false);
  return {
    options,
    files: [...new Set([nearest, path, ...extended])],
    ambient: fileNames.filter((file) => /\.d\.[cm]?ts$/.test(file)),
    notStrict: off === undefined ? null : { config: path, option: off },
    problems: errors.filter(isFatal),
  };
}

interface ParsedConfig {
  readonly path: string;
  readonly options: ts.CompilerOptions;
  readonly fileNames: readonly string[];
  readonly extended: readonly string[];
  readonly errors: readonly ts.Diagnostic[];
  readonly references: readonly ParsedConfig[];
}

function parse(path: string, depth = 0): ParsedConfig {
  const source = ts.readJsonConfigFile(path, (file) => readFileSync(file, 'utf8'));
  const parsed = ts.parseJsonSourceFileConfigFileContent(source, ts.sys, dirname(path), {}, path);
  const references = depth > 0 ? [] : (parsed.projectReferences ?? []);
  return {
    path,
    options: parsed.options,
    fileNames: parsed.fileNames,
    extended: source.extendedSourceFiles ?? [],
    errors: parsed.errors,
    references: references
      .map((reference) => ts.resolveProjectReferencePath(reference))
      .filter(existsSync)
      .map((file) => parse(file, depth + 1)),
  };
}

/** Broken JSON or a missing base; an option that this compiler does not know is not our business. */
function isFatal(problem: ts.Diagnostic): boolean {
  return problem.code < 2000 || [5083, 6053].includes(problem.code);
}

/** What reading needs, whatever the user builds with. */
function ours(options: ts.CompilerOptions): ts.CompilerOptions {
  return {
    strict: true,
    strictNullChecks: true,
    // The order in which unions print must not depend on what else is in the program.
    stableTypeOrdering: true,
    types: options.types ?? ['*'],
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
}

/** How the module at this path names others in imports, by its nearest tsconfig. */
export function extensionAt(path: string): ImportExtension {
  return importExtension(readConfig(path).options);
}

function importExtension(options: ts.CompilerOptions): ImportExtension {
  if (options.allowImportingTsExtensions || options.rewriteRelativeImportExtensions) return '.ts';
  const resolution = options.moduleResolution;
  const bare =
    resolution === ts.ModuleResolutionKind.Bundler ||
    resolution === ts.ModuleResolutionKind.Node10 ||
    // Of the modules without a resolution of their own, TypeScript resolves as bundlers do.
    (resolution === undefined &&
      options.module !== undefined &&
      options.module < ts.ModuleKind.Node16);
  return bare ? '' : '.js';
}
