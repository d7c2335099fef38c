import ts from 'typescript';
import type { Fixture } from './fixture.js';

/** What tsc says of a project, as `file:line: message`, with these options on top of its tsconfig. */
export function compile(fixture: Fixture, options: ts.CompilerOptions = {}): readonly string[] {
  return compiler(fixture, options)().problems;
}

export interface Compiled {
  /** What tsc says, as `file:line: message`. */
  readonly problems: readonly string[];
  /** How often the compiler made a type of a generic one: its work, whatever the machine. */
  readonly instantiations: number;
}

/** Compiles a project again and again; what lies in node_modules is parsed once. */
export function compiler(fixture: Fixture, options: ts.CompilerOptions = {}): () => Compiled {
  let before: ts.Program | undefined;
  return () => {
    const config = ts.getParsedCommandLineOfConfigFile(fixture.path('tsconfig.json'), options, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (problem) => {
        throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
      },
    });
    if (!config) throw new Error('The fixture has no tsconfig.');
    const host = hostOf(fixture, config.options);
    const program = ts.createProgram(config.fileNames, config.options, host, before);
    before = program;
    const found = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
    const problems = found.map(({ file, start = 0, code, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const place = file ? `${file.fileName.slice(fixture.root.length + 1)}:${line}` : '';
      return `${place}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
    return { problems, instantiations: program.getInstantiationCount() };
  };
}

const libraries = new Map<string, ts.SourceFile | undefined>();

/** A host that parses what lies outside of the project, the libraries, once for all programs with the same options. */
function hostOf(fixture: Fixture, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const settings = JSON.stringify({ ...options, configFilePath: '' });
  return {
    ...host,
    getSourceFile(file, ...rest) {
      const isOwn = file.startsWith(fixture.root) && !file.includes('/node_modules/');
      if (isOwn) return host.getSourceFile(file, ...rest);
      const key = JSON.stringify([file, rest[0], settings]);
      if (!libraries.has(key)) libraries.set(key, host.getSourceFile(file, ...rest));
      return libraries.get(key);
    },
  };
}
