#!/usr/bin/env node
import { run } from './run.js';

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
// What a handler left open, a pool for instance, must not keep the process. Without such, it ends before this does.
setTimeout(() => process.exit(), 1_000).unref();
