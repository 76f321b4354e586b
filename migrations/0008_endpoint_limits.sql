-- How fast an address may be sent to, what fails at it, and who is told of that.

-- Of the address, for all subscriptions that share it; null: the hub's own limit, or none.
alter table endpoints
  add column rate_per_second real check (rate_per_second > 0),
  add column sends_max smallint check (sends_max > 0);

-- One row per subscription of which every attempt has failed since a time: written with the outcomes
-- themselves, gone with the first success. So it is seldom written, and hardly ever long.
create table subscription_failures (
  subscription_id uuid primary key,
  -- Both by the database's clock.
  failing_since timestamptz not null,
  warned_at timestamptz
);

-- Subscriptions that are also told what becomes of the others of their organization.
alter table subscriptions add column notices boolean not null default false;
create index subscriptions_with_notices on subscriptions (organization_id, id) where notices;
