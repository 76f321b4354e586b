-- What was known at a time, and subscriptions that ask for the past.

-- Every booking that creates or changes a unit leaves a version: all that may change of a unit, with
-- its documents and parties. Bucket, id, owner and creation stay as they are in `units`.
create table unit_versions (
  bucket smallint not null,
  unit_id uuid not null,
  -- The hub's clock, never before the version before.
  recorded_at timestamptz not null,
  -- Counts the versions of a unit, also those of one moment.
  number integer not null,
  -- reference, spi, freightFamily, customsFlag, details, documents, parties.
  content jsonb not null,
  primary key (bucket, unit_id, recorded_at, number),
  foreign key (bucket, unit_id) references units (bucket, id) on delete cascade
);
-- Units that travel or once travelled under a document.
create index unit_versions_by_document on unit_versions
  using gin ((content -> 'documents') jsonb_path_ops);

-- Of units booked before, only what they are now is known: that is what they have always been.
insert into unit_versions (bucket, unit_id, recorded_at, number, content)
select u.bucket, u.id, u.created_at, 1, jsonb_strip_nulls(jsonb_build_object(
    'reference', u.reference, 'spi', u.spi, 'freightFamily', u.freight_family,
    'customsFlag', u.customs_flag)) || jsonb_build_object(
    'details', u.details,
    'documents', (
      select coalesce(jsonb_agg(jsonb_build_object('type', d.type, 'reference', d.reference)
        order by d.type collate "C", d.reference collate "C"), '[]')
      from unit_documents d where d.bucket = u.bucket and d.unit_id = u.id),
    'parties', (
      select coalesce(jsonb_agg(jsonb_build_object('organization', p.organization_id,
        'role', p.role) order by p.role collate "C", p.organization_id), '[]')
      from unit_parties p
      where p.bucket = u.bucket and p.unit_id = u.id and p.role <> 'owner'))
from units u;

-- A subscription may ask for events recorded since a time. Until they are queued its state is
-- `filling`, which is alive like the other three: it is matched, and its deliveries wait.
alter table subscriptions add column since timestamptz;

drop index subscriptions_to_match;
create index subscriptions_to_match on subscriptions (organization_id, match_key)
  where state in ('active', 'paused', 'disabled', 'filling');
drop index subscriptions_same_as;
create unique index subscriptions_same_as on subscriptions (organization_id, dialect, same_as_sha256)
  where same_as_sha256 is not null and state in ('active', 'paused', 'disabled', 'filling');
drop index subscriptions_leaving;
create index subscriptions_leaving on subscriptions (leaving_unit_id)
  where leaving_unit_id is not null and state in ('active', 'paused', 'disabled', 'filling');
drop index subscriptions_to_expire;
create index subscriptions_to_expire on subscriptions (expires_at)
  where expires_at is not null and state in ('active', 'paused', 'disabled', 'filling');
-- Hardly ever any: found at once by whoever finishes what another process began.
create index subscriptions_filling on subscriptions (id) where state = 'filling';
