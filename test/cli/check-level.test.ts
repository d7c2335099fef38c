import test from 'ava';
import { type CheckLevel, checkLevels, failsAt } from '../../cli/check/level.js';
import type { Audience, Finding, Severity } from '../../generator/compare/finding.js';

const finding = (severity: Severity, audience: Audience): Finding => ({
  rule: 'TOPIC_SAME',
  audience,
  severity,
  task: 't',
  path: '',
  message: '',
});

const failing: Record<CheckLevel, readonly (readonly [Severity, Audience])[]> = {
  rows: [['break', 'rows']],
  source: [
    ['break', 'rows'],
    ['break', 'callers'],
    ['break', 'behaviour'],
  ],
  all: [
    ['break', 'rows'],
    ['break', 'callers'],
    ['break', 'behaviour'],
    ['warn', 'rows'],
    ['warn', 'callers'],
    ['warn', 'behaviour'],
  ],
};

for (const level of checkLevels) {
  test(`what --level ${level} fails for`, (t) => {
    const found = (['break', 'warn', 'info'] as const).flatMap((severity) =>
      (['rows', 'callers', 'behaviour'] as const)
        .filter((audience) => failsAt(level, finding(severity, audience)))
        .map((audience) => [severity, audience] as const),
    );
    t.deepEqual(found, failing[level]);
  });
}
