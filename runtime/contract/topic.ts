/** Whether a text can be a topic: names with dots between them. `*`, spaces and control characters are none of a name's. */
export function isTopic(text: string): boolean {
  return text.length <= 500 && /^[^.*\s\p{Cc}]+(\.[^.*\s\p{Cc}]+)*$/u.test(text);
}

/**
 * Whether a text can be a pattern of topics: as a topic, and a name may be `*` (one name) or `**` (any number of names).
 * The pattern itself is evaluated by SQL, `_topic_regex` in schema/migrations.
 */
export function isTopicPattern(text: string): boolean {
  const names = text.split('.');
  return names.every((name) => name === '*' || name === '**' || isTopic(name));
}
