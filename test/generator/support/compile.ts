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
  const program = ts.createProgram(config.fileNames, config.options);
  const found = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
  return found.map(({ file, start = 0, code, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const place = file ? `${file.fileName.slice(fixture.root.length + 1)}:${line}` : '';
    return `${place}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
