-- Subscriptions that end some time after the unit they are bound to has left. Rows of before have
-- neither member; a previous version of the hub neither reads nor writes them.
alter table subscriptions
  add column leaving_unit_id uuid,
  add column ends_after_leaving_ms bigint check (ends_after_leaving_ms > 0),
  add constraint subscriptions_leaving_check
    check ((leaving_unit_id is null) = (ends_after_leaving_ms is null));

-- Asked once for each unit of a recorded batch.
create index subscriptions_leaving on subscriptions (leaving_unit_id)
  where leaving_unit_id is not null and state in ('active', 'paused', 'disabled');
create index subscriptions_to_expire on subscriptions (expires_at)
  where expires_at is not null and state in ('active', 'paused', 'disabled');
