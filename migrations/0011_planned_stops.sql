-- Notes of planning that is still to be done: written in the transaction that keeps a document or books
-- a unit, removed when the planned events of it are recorded. Whatever ends in between leaves its
-- note, and anyone can do the rest, at any time and more than once.
create table plans_due (
  bucket smallint not null,
  id uuid not null,
  -- Documents whose units are to be looked for.
  documents uuid[] not null,
  -- Units whose documents are to be looked for.
  units uuid[] not null,
  primary key (bucket, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
