#!/usr/bin/env bash
# Runs a command for every due job of a task, then ends: start it from cron, or in a loop. psql finds the database by PG*.
# The command gets the job's args (JSON) as its input. What it prints is the result; if it fails, what it says is the error.
#   ./consume.sh mail.sendReceipt ./send-receipt.sh
set -euo pipefail
task=$1
shift
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=$'\t' --set=ON_ERROR_STOP=1 "$@"; }

claim() { sql -v task="$task" <<<"select id, fence, args from pgsched.claim(1, array[:'task'])"; }

job=$(claim)
while [ -n "$job" ]; do
  IFS=$'\t' read -r id fence args <<<"$job"
  if said=$("$@" <<<"$args" 2>&1); then
    sql -v id="$id" -v fence="$fence" -v said="$said" <<<"select pgsched.ack(:id, :fence, to_jsonb(:'said'::text))" >/dev/null
  else
    sql -v id="$id" -v fence="$fence" -v said="$said" <<<"select pgsched.nack(:id, :fence, :'said')" >/dev/null
  fi
  job=$(claim)
done
