/** Enqueues one keyed job in a process of its own, at a word from its parent: url, key. Answers with the outcome and the id. */
import { makeClient } from './client.js';

const [connectionString = '', key = ''] = process.argv.slice(2);
const client = makeClient({ connectionString });
await client.enqueue.tick(); // Connected and ready, so that the race is about the key.
process.send?.('ready');
process.once('message', async () => {
  const { outcome, id } = await client.enqueue.double({ n: 1 }, { key, onConflict: 'ignore' });
  await client.close();
  process.send?.({ outcome, id }, () => process.disconnect());
});
