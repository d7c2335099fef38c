/** What is looked for, by its stable name: for people, docs/evolution.md has the table. */
export const rules = {
  TASK_NO_DELETE: 'a task was removed or renamed',
  FIELD_NO_NEW_REQUIRED: 'a required field was added to the args',
  FIELD_NO_REQUIRED: 'an optional field of the args became required',
  FIELD_SAME_TYPE: 'args take less than they did',
  FIELD_NO_DELETE: 'a field of the args was removed',
  FIELD_TYPE_WIDENED: 'args take more than they did',
  RESULT_SAME_TYPE: 'callers get what they did not',
  RESULT_READABLE: 'results that are kept do not fit',
  VERSION_NO_LOWER: 'the version of a task was lowered',
  VERSION_FROZEN: 'a released version has other args, or none',
  KEY_SAME: 'other jobs hold a key, or hold it longer or shorter',
  CONFLICT_SAME: 'a repeated key has another answer',
  TOPIC_SAME: 'jobs are routed elsewhere',
  INSTANCE_SAME: 'jobs go to another database schema',
  SCHEMA_OPAQUE: 'a schema was added, whose own code cannot be compared',
  POLICY_SAME: 'another option of a task changed',
} as const;

export type Rule = keyof typeof rules;
