import { defineConfig } from 'pgsched/config';

export default defineConfig({ manifest: './tasks.ts' });
