import type { Diagnostic } from '../../generator/diagnostic.js';

/** What one look of `pgsched check` found. An error among the diagnostics is what the command fails for. */
export interface CheckPart {
  readonly diagnostics: readonly Diagnostic[];
  /** In a sentence or two, for people, where there was nothing to fail for. */
  readonly summary: string;
  /** What people should know about the look itself, such as that it could not be taken. */
  readonly remarks: readonly string[];
  /** What the JSON says beside the diagnostics. */
  readonly facts: object;
}
