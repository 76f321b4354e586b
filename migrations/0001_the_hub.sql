-- The hub's tables. Words are those of ARCHITECTURE.md's glossary.
--
-- Hot tables carry `bucket` (0-255, from the unit's reference key) as the leading column of their
-- primary key. Ids are uuid v7 whose last byte is the bucket, so a look-up by id can name it.
-- Because a v7 id begins with its time, a table partitioned by ranges of `id` is partitioned by
-- time, and its primary key needs no second column for that.
-- No index holds a column that changes with every attempt: updates stay heap-only.

------------------------------------------------------------------------------------------------
-- Identity
------------------------------------------------------------------------------------------------

create table organizations (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null
);

create table applications (
  client_id text primary key,
  organization_id uuid not null references organizations (id),
  name text not null,
  secret_sha256 bytea not null,
  scopes text[] not null,
  created_at timestamptz not null
);
create index applications_of_organization on applications (organization_id);

create table offers (
  id uuid primary key,
  name text not null unique,
  dialects text[],
  requests_per_minute integer check (requests_per_minute > 0),
  created_at timestamptz not null
);

create table api_keys (
  id uuid primary key,
  organization_id uuid not null references organizations (id),
  name text not null,
  key_sha256 bytea not null unique,
  offer_id uuid not null references offers (id),
  created_at timestamptz not null
);
create index api_keys_of_organization on api_keys (organization_id);

create table users (
  id uuid primary key,
  organization_id uuid not null references organizations (id),
  username text not null unique,
  password_hash text not null,
  services text[] not null,
  created_at timestamptz not null
);
create index users_of_organization on users (organization_id);

create table signing_keys (
  kid text primary key,
  public_jwk jsonb not null,
  private_sealed text not null,
  created_at timestamptz not null,
  -- No token is signed with it from then on; it stays published until its last token has expired.
  retired_at timestamptz
);

-- Small facts about this installation, e.g. a check value of the sealing key.
create table hub_facts (
  name text primary key,
  value text not null
);

create table idempotency_keys (
  principal text not null,
  key text not null,
  request_sha256 bytea not null,
  status smallint,
  answer_sealed text,
  created_at timestamptz not null,
  primary key (principal, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

------------------------------------------------------------------------------------------------
-- Handling units
------------------------------------------------------------------------------------------------

create table units (
  bucket smallint not null,
  id uuid not null,
  organization_id uuid not null references organizations (id),
  reference text not null,
  reference_key text not null,
  spi text,
  freight_family text not null,
  customs_flag text not null,
  details jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, id)
);
create index units_by_reference on units (bucket, reference_key, organization_id);
create index units_by_spi on units (spi) where spi is not null;
create index units_of_organization on units (organization_id, id);

create table unit_documents (
  bucket smallint not null,
  unit_id uuid not null,
  type text not null,
  reference text not null,
  primary key (bucket, unit_id, type, reference),
  foreign key (bucket, unit_id) references units (bucket, id) on delete cascade
);
create index unit_documents_by_reference on unit_documents (reference);

-- Who sees a unit: its owner (role `owner`) and its parties.
create table unit_parties (
  bucket smallint not null,
  unit_id uuid not null,
  organization_id uuid not null references organizations (id),
  role text not null,
  may_register boolean not null,
  primary key (bucket, unit_id, organization_id, role),
  foreign key (bucket, unit_id) references units (bucket, id) on delete cascade
);
create index unit_parties_by_organization on unit_parties (organization_id, unit_id);

------------------------------------------------------------------------------------------------
-- Events
------------------------------------------------------------------------------------------------

create table events (
  bucket smallint not null,
  id uuid not null,
  unit_id uuid not null,
  type text not null,
  classifier text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  organization_id uuid not null,
  dialect text not null,
  source_code text,
  replaces uuid,
  retracts uuid,
  -- The canonical event's other members: original time, place, vehicle, unit snapshot, … As json,
  -- not jsonb: the order of members is kept, so a push rendered from here has the same bytes.
  content json not null,
  -- The fragment as received.
  received text not null,
  primary key (bucket, id)
) partition by range (id);
create index events_of_unit on events (bucket, unit_id, occurred_at, id);
create table events_default partition of events default;

-- One row per distinct event: the same event sent twice meets its first self here, whatever
-- partition that one lies in.
create table event_keys (
  bucket smallint not null,
  key uuid not null,
  event_id uuid not null,
  primary key (bucket, key)
);

------------------------------------------------------------------------------------------------
-- Subscriptions and deliveries
------------------------------------------------------------------------------------------------

-- Where pushes go: one lane each. Subscriptions of one organization to one address share it.
create table endpoints (
  id uuid primary key,
  organization_id uuid not null references organizations (id),
  url text not null,
  created_at timestamptz not null,
  unique (organization_id, url)
);

create table subscriptions (
  id uuid primary key,
  organization_id uuid not null references organizations (id),
  dialect text not null,
  external_id text,
  endpoint_id uuid not null references endpoints (id),
  url text not null,
  -- active, paused, disabled, expired, deleted
  state text not null,
  state_reason text,
  filter jsonb not null,
  match_key text not null,
  required_tags text[] not null,
  any_type text[],
  settings jsonb not null,
  same_as_sha256 bytea,
  secret_sealed text not null,
  previous_secret_sealed text,
  previous_secret_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz
);
create index subscriptions_to_match on subscriptions (organization_id, match_key)
  where state in ('active', 'paused', 'disabled');
create index subscriptions_of_organization on subscriptions (organization_id, id);
create index subscriptions_of_endpoint on subscriptions (endpoint_id);
create unique index subscriptions_external on subscriptions (dialect, external_id)
  where external_id is not null;
create unique index subscriptions_same_as on subscriptions (organization_id, dialect, same_as_sha256)
  where same_as_sha256 is not null and state in ('active', 'paused', 'disabled');
create index subscriptions_changed on subscriptions (updated_at);

create sequence subscription_numbers;

-- Counters apart from the wide rows above: they change with every batch. `position` orders an
-- endpoint's deliveries, `last_sequence` numbers a subscription's without gaps. Both are taken
-- under the row's lock, so numbers become visible in their order.
create table endpoint_positions (
  endpoint_id uuid primary key references endpoints (id),
  last_position bigint not null
) with (fillfactor = 50);

create table subscription_sequences (
  subscription_id uuid primary key references subscriptions (id),
  last_sequence bigint not null
) with (fillfactor = 50);

-- What is still to be sent; a finished delivery leaves for deliveries_done.
create table deliveries (
  bucket smallint not null,
  id uuid not null,
  endpoint_id uuid not null,
  position bigint not null,
  subscription_id uuid not null,
  sequence bigint not null,
  event_id uuid not null,
  unit_id uuid not null,
  -- 'infinity' while its subscription is paused or disabled.
  due_at timestamptz not null,
  attempt_count smallint not null,
  -- The exact text of a first failed attempt, so that every later one sends the same bytes.
  payload text,
  primary key (bucket, id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index deliveries_of_endpoint on deliveries (endpoint_id, position);
create index deliveries_of_subscription on deliveries (subscription_id, id);

create table deliveries_done (
  bucket smallint not null,
  id uuid not null,
  subscription_id uuid not null,
  sequence bigint not null,
  event_id uuid not null,
  unit_id uuid not null,
  -- delivered, parked, cancelled
  state text not null,
  attempt_count smallint not null,
  finished_at timestamptz not null,
  payload text,
  primary key (bucket, id)
) partition by range (id);
-- Lists, digests and replays of a time range go by id, which begins with its time.
create index deliveries_done_of_subscription on deliveries_done (subscription_id, id);
create table deliveries_done_default partition of deliveries_done default;

create table attempts (
  bucket smallint not null,
  delivery_id uuid not null,
  number smallint not null,
  at timestamptz not null,
  outcome text not null,
  stage text,
  status smallint,
  duration_ms integer not null,
  response text,
  primary key (bucket, delivery_id, number)
) partition by range (delivery_id);
create table attempts_default partition of attempts default;

------------------------------------------------------------------------------------------------
-- Who sends what: processes own buckets by lease
------------------------------------------------------------------------------------------------

create table processes (
  id uuid primary key,
  started_at timestamptz not null,
  alive_until timestamptz not null
) with (fillfactor = 50);

create table bucket_leases (
  bucket smallint primary key check (bucket between 0 and 255),
  owner uuid,
  -- Grows with every change of owner; a completion that names an old one changes nothing.
  epoch bigint not null
) with (fillfactor = 50);
insert into bucket_leases (bucket, owner, epoch) select b, null, 0 from generate_series(0, 255) b;
