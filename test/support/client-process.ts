/** Uses a client in a process of its own, never closes it, and ends only if nothing of it keeps the process alive: url. */
import { makeClient } from './client.js';

const [connectionString = ''] = process.argv.slice(2);
const { enqueue } = makeClient({ connectionString });
const job = await enqueue.double({ n: 1 }, { delay: '1h' });
const waited = job.result({ timeout: 50 }).catch((error: { name: string }) => error.name);
console.log(job.outcome, await waited);
