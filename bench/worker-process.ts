/** A worker of one system in a process of its own: `worker-process.ts <system> <url> <mode>`. Says when it is ready, and does as it is told. */
import { once } from 'node:events';
import { systems } from './systems/index.js';
import type { Mode } from './systems/system.js';

const [name, url, mode] = process.argv.slice(2) as [string, string, Mode];
const open = await (systems[name] as (typeof systems)[string])();
const system = await open(url, mode, true);
process.send?.('ready');
await once(process, 'message');
const working = await system.work(() => {});
await once(process, 'message');
await working.stop();
await system.close();
process.disconnect?.();
