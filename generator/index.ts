/** From a manifest to files. Loads no compiler before `generate` is called. */
export type { Diagnostic, FormatOptions, Place } from './diagnostic.js';
export { formatDiagnostics } from './diagnostic.js';
export { renderTemplate } from './emit/template.js';
export { type Explanation, explain, type Part } from './explain.js';
export { type Generated, generate, type Memory } from './generate.js';
export type { Project, WorkerPlaces } from './project.js';
export { type Run, type Watching, watch } from './watch.js';
export { checkFiles, type StaleFile } from './write/check-files.js';
export { type Written, writeFiles } from './write/write-files.js';
