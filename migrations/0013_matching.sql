-- Who is to be told of an event is decided before it is written, from what was read of subscriptions
-- earlier. This counts what changed in the wishes of an organization's subscriptions: who has read
-- them may use the answer for as long as the number stands, and has it compared in the transaction
-- that uses it.
create table subscription_versions (
  organization_id uuid primary key references organizations (id),
  version bigint not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0);

-- A trigger, so that no way of changing a subscription can forget it, nor a process of the version
-- before. Once for a transaction, however many subscriptions it changes.
create function move_subscription_version() returns trigger language plpgsql as $$
begin
  insert into subscription_versions as v (organization_id, version)
  values (coalesce(new.organization_id, old.organization_id), 1)
  on conflict (organization_id) do update set version = v.version + 1
    where v.xmin <> pg_current_xact_id()::xid;
  return null;
end
$$;

-- Deferred to the commit: the row is locked last, whatever else a transaction locks in whatever order,
-- and for as short as can be.
create constraint trigger subscription_wished after insert or delete on subscriptions
deferrable initially deferred for each row
execute function move_subscription_version();

create constraint trigger subscription_wish_changed
after update of state, match_key, required_tags, any_type, endpoint_id, expires_at on subscriptions
deferrable initially deferred for each row
when ((old.state, old.match_key, old.required_tags, old.any_type, old.endpoint_id, old.expires_at)
  is distinct from
  (new.state, new.match_key, new.required_tags, new.any_type, new.endpoint_id, new.expires_at))
execute function move_subscription_version();

-- No row means that there never was a subscription.
insert into subscription_versions (organization_id, version)
select distinct organization_id, 1 from subscriptions;

-- As event_input_1, without what the statement matched by.
create type event_input_2 as (
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
  traceparent text
);
