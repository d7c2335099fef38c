import { sqlText } from '../runtime/contract/sql-text.js';
import { bindSchema, checkSchemaName } from '../runtime/database/bind-schema.js';
import { historyTable } from './migration-history.js';
import { type Migration, readMigrations } from './migrations.js';

/**
 * The migrations of these names as SQL text, each with its line in the history, so that a later `migrate` knows of it. With
 * the first one, the schema itself.
 */
export function migrationText(schema: string, names: readonly string[]): string {
  checkSchemaName(schema);
  const migrations = readMigrations();
  const [first] = migrations;
  const texts = migrations
    .filter(({ name }) => names.includes(name))
    .map((migration) =>
      migration === first
        ? `create schema if not exists pgsched;\n\n${historyTable};\n\n${textOf(migration)}`
        : textOf(migration),
    );
  return texts.map((text) => bindSchema(text, schema)).join('\n');
}

function textOf({ number, name, checksum, sql, transaction }: Migration): string {
  const outside = transaction ? '' : ': outside of a transaction';
  return `-- ${name}${outside}\n${sql}
insert into pgsched.migration (number, name, checksum) values (${number}, ${sqlText(name)}, ${sqlText(checksum)});
`;
}
