#!/usr/bin/env bash
# Checks the bodies of the SQL functions with plpgsql_check, on a temporary PostgreSQL 15 of Debian's.
# Installs the extension where that is possible; where it is not, says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin=/usr/lib/postgresql/15/bin
library=/usr/lib/postgresql/15/lib/plpgsql_check.so

if [ ! -e "$library" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql-15-plpgsql-check) >/dev/null 2>&1 || true
fi
if [ ! -e "$library" ] || [ ! -x "$bin/initdb" ]; then
  echo 'Skipped: postgresql-15-plpgsql-check is not here and cannot be installed.'
  exit 0
fi

folder=$(mktemp -d)
# The server refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
finish() {
  (cd / && "${as[@]}" "$bin/pg_ctl" stop -D "$folder/data" -m immediate >/dev/null 2>&1) || true
  rm -rf "$folder"
}
trap finish EXIT

(
  cd /
  "${as[@]}" "$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >/dev/null
  "${as[@]}" "$bin/pg_ctl" start -w -D "$folder/data" -l "$folder/log" -o "-c listen_addresses= -k $folder" >/dev/null
)
PGSCHED_TEST_URL="postgres://postgres@localhost/postgres?host=$folder" node --import=tsx test/support/run.ts test/sql/check-functions.test.ts
