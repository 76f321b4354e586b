-- What is left of a passage once retention has dropped its events: when it was first and last heard
-- of, and whether it closed. So a container that comes again is still known to be another passage.
create table passage_summaries (
  bucket smallint not null,
  unit_id uuid not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  has_closed boolean not null,
  primary key (bucket, unit_id),
  foreign key (bucket, unit_id) references units (bucket, id) on delete cascade
);

-- The trace of the request that registered the event (W3C traceparent); null unless traces are
-- exported. Its pushes, whenever they go, continue it.
alter table events add column traceparent text;

-- Hot tables stay small because autovacuum comes early and does not dawdle. What a queue leaves
-- behind are dead rows at the low end of its indexes, and every look for work steps over them.
alter table deliveries set (
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05,
  autovacuum_analyze_threshold = 5000
);
-- A row per endpoint and per subscription, changed with every batch: nearly all changes are
-- heap-only and cleaned up on the page; this is for the pages that were not.
alter table endpoint_positions set (
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
alter table subscription_sequences set (
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
-- A few hundred rows, renewed every few seconds.
alter table processes set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
alter table bucket_leases set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
);
-- Written once per request that asks for it and forgotten after a day.
alter table idempotency_keys set (autovacuum_vacuum_scale_factor = 0.05);
-- Grows with every event, and only retention takes from it: a fifth of it would be a long wait.
alter table event_keys set (
  autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.02
);
