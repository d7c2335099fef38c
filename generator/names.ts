/** What a task's dotted name becomes in each place that has its own spelling. `mail.sendURLNow` … */

/** … as a TypeScript type: `MailSendURLNow`. */
export function typeName(task: string): string {
  return task
    .split('.')
    .map((segment) => segment.charAt(0).toUpperCase() + segment.slice(1))
    .join('');
}

/** … as a file without extension: `mail/send-url-now`. */
export function fileName(task: string): string {
  return task
    .split('.')
    .map((segment) => words(segment).join('-'))
    .join('/');
}

/** … as an SQL function: `enqueue_mail_send_url_now`. */
export function sqlName(task: string): string {
  return `enqueue_${task.split('.').flatMap(words).join('_')}`;
}

/** A field of args as an argument of that function: `orderId` is `order_id`, and what no plain name has in it is `_`. */
export function argumentName(field: string): string {
  return words(field.replaceAll(/[^\p{L}\p{N}_]/gu, '_')).join('_') || '_';
}

/** … as a local variable: `mailSendURLNow`. */
export function variableName(task: string): string {
  const name = typeName(task);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Why a segment is no name for a task or a group, or null. */
export function nameProblem(segment: string, atRoot: boolean): string | null {
  if (!/^[a-z][A-Za-z0-9]*$/.test(segment)) {
    const near = camelCase(segment);
    const hint = near === null ? '' : ` Did you mean \`${near}\`?`;
    return `A name starts with a small letter and has only letters and digits after it; got ${JSON.stringify(segment)}.${hint}`;
  }
  if (segment === 'then') {
    return '`then` cannot be a name: `await` would take its level for a promise and enqueue a job. Name it otherwise.';
  }
  if (atRoot && ownFiles.has(segment)) {
    return `\`${segment}\` cannot be a name at the root: its handler would be handlers/${segment}.ts, which is generated. Name it otherwise.`;
  }
  return null;
}

/** What the generator itself has in the folder of handlers. */
const ownFiles: ReadonlySet<string> = new Set(['index', 'upcasters']);

/** `send-mail` → `sendMail`; null where nothing of it makes a name. */
function camelCase(segment: string): string | null {
  const [first = '', ...rest] = segment.match(/[A-Za-z0-9]+/g) ?? [];
  const name =
    first.charAt(0).toLowerCase() +
    first.slice(1) +
    rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[a-z]/.test(name) && /^[ -~]*$/.test(segment) ? name : null;
}

/** `sendURLNow` → send, url, now. */
function words(segment: string): string[] {
  return segment
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(' ');
}
