-- What recording asks before it writes, and how a batch of events reaches PostgreSQL.

-- Counts what was booked under a reference, by anyone: a unit, its parties, its documents, a
-- subscription that ends with its leaving. Who has looked a unit up may use the answer again for as
-- long as this number stands, and has it compared in the transaction that uses it.
create table reference_versions (
  bucket smallint not null,
  reference_key text not null,
  version bigint not null,
  primary key (bucket, reference_key)
) with (fillfactor = 80);

-- An event as it comes in, in PostgreSQL's binary format. A process of the version before may still
-- run while this one does: what is added later goes into a type with the next number.
create type event_input_1 as (
  ord integer,
  bucket smallint,
  id uuid,
  key uuid,
  unit_id uuid,
  type text,
  classifier text,
  occurred_at timestamptz,
  recorded_at timestamptz,
  organization_id uuid,
  dialect text,
  source_code text,
  replaces uuid,
  retracts uuid,
  content json,
  received text,
  match_keys text[],
  types text[],
  tags text[],
  unsaid text[],
  traceparent text
);
