/** Migrates in a process of its own: url, schema, directory. Prints the result as JSON. */
import pg from 'pg';
import { migrate } from '../../schema/migrate.js';

const [url, schema, directory] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
console.log(JSON.stringify(await migrate(client, { schema, directory })));
await client.end();
