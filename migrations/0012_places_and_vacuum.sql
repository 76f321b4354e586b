-- Where a process runs, by which others on the same machine know for certain that it has ended.
alter table processes add column place text;

-- A row per reference, changed whenever a unit is made or booked under it, mostly in place on its page. A
-- fifth of millions of references would be a long wait for the rest.
alter table reference_versions set (
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);
-- Mostly empty; while receivers are away, a row that comes and goes with every change of luck. Each
-- completing statement looks it through.
alter table subscription_failures set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200
);
