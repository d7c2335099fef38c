-- A table of orders whose trigger enqueues a job for each order that is paid, in the transaction that pays it. In this folder,
-- with PGSCHED_DATABASE_URL set:
--   npx pgsched migrate
--   psql "$PGSCHED_DATABASE_URL" -f orders.sql
--   npx pgsched worker

create table orders (
  id           integer primary key,
  email        text not null,
  language     text,
  paid_at      timestamptz,
  receipt_sent boolean not null default false
);

create function send_receipt() returns trigger
language plpgsql
as $$
begin
  -- A name or a type that the task does not have, and a language that it does not know, would fail here.
  perform pgsched.enqueue_mail_send_receipt(
    order_id => new.id, "to" => new.email, at => new.paid_at, language => new.language, delay => '1 s');
  return new;
end
$$;

create trigger send_receipt after update of paid_at on orders
  for each row when (old.paid_at is null and new.paid_at is not null)
  execute function send_receipt();
