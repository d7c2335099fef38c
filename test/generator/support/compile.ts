import ts from 'typescript';
import type { Fixture } from './fixture.js';

/** What tsc says of a project, as `file:line: message`, with these options on top of its tsconfig. */
export function compile(fixture: Fixture, options: ts.CompilerOptions = {}): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(fixture.path('tsconfig.json'), options, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
    },
  });
  if (!config) throw new Error('The fixture has no tsconfig.');
  const program = ts.createProgram(
    config.fileNames,
    config.options,
    hostOf(fixture, config.options),
  );
  const found = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
  return found.map(({ file, start = 0, code, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const place = file ? `${file.fileName.slice(fixture.root.length + 1)}:${line}` : '';
    return `${place}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

const libraries = new Map<string, ts.SourceFile | undefined>();

/** A host that parses what lies outside of the project, the libraries, once for all programs with the same options. */
function hostOf(fixture: Fixture, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const settings = JSON.stringify({ ...options, configFilePath: '' });
  return {
    ...host,
    getSourceFile(file, ...rest) {
      if (file.startsWith(fixture.root)) return host.getSourceFile(file, ...rest);
      const key = JSON.stringify([file, rest[0], settings]);
      if (!libraries.has(key)) libraries.set(key, host.getSourceFile(file, ...rest));
      return libraries.get(key);
    },
  };
}
