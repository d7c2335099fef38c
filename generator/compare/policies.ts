import type { TaskContract } from '../../runtime/contract/types.js';
import { notes, sorted } from '../emit/contract.js';
import type { Finding } from './finding.js';
import type { TaskPair } from './tasks.js';

/** What became of a task's options: where its jobs go, what keeps a job out, and how it is run. */
export function comparePolicies(pair: TaskPair): Finding[] {
  return [
    ...ofTopic(pair),
    ...ofKey(pair),
    ...ofKeyScope(pair),
    ...ofConflict(pair),
    ...ofRest(pair),
  ];
}

function ofTopic({ name, base, head }: TaskPair): Finding[] {
  if (base.topic === head.topic) return [];
  const message = `Jobs went to the topic \`${base.topic}\`, go to \`${head.topic}\`: those that wait stay where they are. Let workers that are told topics take both, or add \`topic: '${base.topic}'\`.`;
  return [
    { rule: 'TOPIC_SAME', audience: 'rows', severity: 'warn', task: name, path: 'topic', message },
  ];
}

function ofKey(pair: TaskPair): Finding[] {
  const { name, base, head } = pair;
  if (base.key === head.key) return [];
  if (base.key === null) {
    const message = `Jobs have the key \`${head.key}\` now: an enqueue of a key that is held gets ${answers[head.onConflict ?? 'default']}.`;
    return [
      { rule: 'KEY_SAME', audience: 'callers', severity: 'warn', task: name, path: 'key', message },
    ];
  }
  const is = head.key === null ? 'there is none' : `is \`${head.key}\``;
  return [
    kept(
      pair,
      'key',
      `The key was \`${base.key}\`, ${is}: jobs that wait do not keep out their repetitions.`,
    ),
  ];
}

function ofKeyScope(pair: TaskPair): Finding[] {
  const { base, head } = pair;
  if (base.keyScope === head.keyScope) return [];
  const effect =
    head.keyScope === 'history'
      ? 'keys of jobs that have ended are taken now, and those of jobs that ended before may not be'
      : 'a key is free when its job ends, and what was kept out is repeated';
  const message = `\`keyScope\` was '${base.keyScope}', is '${head.keyScope}': ${effect}.`;
  return [kept(pair, 'keyScope', message)];
}

/** Whom a key keeps out is part of what is released: who raises the version has seen it. */
function kept({ name, base, head }: TaskPair, path: string, effect: string): Finding {
  const raised = head.version > base.version;
  const advice = raised
    ? ''
    : ` Take it back, or say that it is meant: \`version: ${base.version + 1}\`.`;
  return {
    rule: 'KEY_SAME',
    audience: 'rows',
    severity: raised ? 'warn' : 'break',
    task: name,
    path,
    message: `${effect}${advice}`,
  };
}

const answers = {
  raise: '`DuplicateJob`',
  ignore: 'the handle of the job that is there',
  replace: 'the job that waits, replaced',
  default: '`DuplicateJob`, in bulk the handle of the job that is there',
} as const;

function ofConflict({ name, base, head }: TaskPair): Finding[] {
  if (base.onConflict === head.onConflict) return [];
  const [was, is] = [base, head].map(({ onConflict }) => answers[onConflict ?? 'default']);
  const message = `An enqueue of a key that is held got ${was}, gets ${is}. Callers that count on it say \`onConflict\` themselves.`;
  return [
    {
      rule: 'CONFLICT_SAME',
      audience: 'callers',
      severity: 'warn',
      task: name,
      path: 'onConflict',
      message,
    },
  ];
}

const toldElsewhere: readonly (keyof TaskContract)[] = [
  'version',
  'formerly',
  'history',
  'topic',
  'key',
  'keyScope',
  'onConflict',
  'args',
  'result',
  'schemas',
  'definitions',
];

const others: ReadonlySet<string> = new Set([...toldElsewhere, ...Object.keys(notes)]);

/** Every other option, those of later times included. */
function ofRest({ name, base, head }: TaskPair): Finding[] {
  const options = new Set([...Object.keys(base), ...Object.keys(head)]);
  return [...options].flatMap((option) => {
    const [was, is] = [base, head].map((task) => canonical(task[option as keyof TaskContract]));
    if (others.has(option) || was === is) return [];
    const message = `\`${option}\` was ${was}, is ${is}.`;
    return [
      {
        rule: 'POLICY_SAME',
        audience: 'behaviour',
        severity: 'info',
        task: name,
        path: option,
        message,
      },
    ];
  });
}

function canonical(value: unknown): string {
  return value === undefined ? 'not there' : JSON.stringify(sorted(value));
}
