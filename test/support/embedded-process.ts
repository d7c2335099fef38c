/** Starts an embedded server in a process of its own, says where it is, and lives on: directory. */
import { startEmbedded } from '../../cli/embedded.js';

const [directory = ''] = process.argv.slice(2);
console.log(JSON.stringify(await startEmbedded({ directory })));
setInterval(() => {}, 60_000);
