import test from 'ava';
import { neededVersion } from '../../runtime/database/schema-version.js';
import { latestVersion } from '../../schema/migrate.js';

test('the runtime asks for the newest migration', (t) => {
  t.is(neededVersion, latestVersion());
});
