import { defineConfig } from 'pgsched/config';

export default defineConfig({
  manifest: './__manifest__',
});
