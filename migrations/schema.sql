-- Made by `npm run schema` from the migrations; compared by a test. Do not edit.

create sequence subscription_numbers as bigint;

create type event_input_1 as (
  ord integer,
  bucket smallint,
  id uuid,
  key uuid,
  unit_id uuid,
  type text,
  classifier text,
  occurred_at timestamp with time zone,
  recorded_at timestamp with time zone,
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

create type event_input_2 as (
  ord integer,
  bucket smallint,
  id uuid,
  key uuid,
  unit_id uuid,
  type text,
  classifier text,
  occurred_at timestamp with time zone,
  recorded_at timestamp with time zone,
  organization_id uuid,
  dialect text,
  source_code text,
  replaces uuid,
  retracts uuid,
  content json,
  received text,
  traceparent text
);

CREATE OR REPLACE FUNCTION public.move_subscription_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into subscription_versions as v (organization_id, version)
  values (coalesce(new.organization_id, old.organization_id), 1)
  on conflict (organization_id) do update set version = v.version + 1
    where v.xmin <> pg_current_xact_id()::xid;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.subscriptions_stand(ids uuid[], endpoints uuid[], dues boolean[], locked bigint)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select from unnest(ids, endpoints, dues) as told (id, endpoint_id, due)
    where not exists (
      select from subscriptions s
      where s.id = told.id and s.endpoint_id = told.endpoint_id
        and s.state in ('active', 'paused', 'disabled', 'filling')
        and (s.state = 'active') = told.due)
  ) then
    raise exception 'a subscription was changed meanwhile' using errcode = 'serialization_failure';
  end if;
  return true;
end
$function$;

create table api_keys (
  id uuid not null,
  organization_id uuid not null,
  name text not null,
  key_sha256 bytea not null,
  offer_id uuid not null,
  created_at timestamp with time zone not null,
  constraint api_keys_key_sha256_key UNIQUE (key_sha256),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES offers(id),
  constraint api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX api_keys_of_organization ON public.api_keys USING btree (organization_id);

create table applications (
  client_id text not null,
  organization_id uuid not null,
  name text not null,
  secret_sha256 bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  constraint applications_pkey PRIMARY KEY (client_id),
  constraint applications_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX applications_of_organization ON public.applications USING btree (organization_id);

create table attempts (
  bucket smallint not null,
  delivery_id uuid not null,
  number smallint not null,
  at timestamp with time zone not null,
  outcome text not null,
  stage text,
  status smallint,
  duration_ms integer not null,
  response text,
  constraint attempts_pkey PRIMARY KEY (bucket, delivery_id, number)
) partition by RANGE (delivery_id);

create table attempts_default partition of attempts default;

create table bucket_leases (
  bucket smallint not null,
  owner uuid,
  epoch bigint not null,
  constraint bucket_leases_pkey PRIMARY KEY (bucket),
  constraint bucket_leases_bucket_check CHECK (((bucket >= 0) AND (bucket <= 255)))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=1000);

create table deliveries (
  bucket smallint not null,
  id uuid not null,
  endpoint_id uuid not null,
  position bigint not null,
  subscription_id uuid not null,
  sequence bigint not null,
  event_id uuid not null,
  unit_id uuid not null,
  due_at timestamp with time zone not null,
  attempt_count smallint not null,
  payload text,
  constraint deliveries_pkey PRIMARY KEY (bucket, id)
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=0.05, autovacuum_analyze_threshold=5000);
CREATE INDEX deliveries_of_endpoint ON public.deliveries USING btree (endpoint_id, "position");
CREATE INDEX deliveries_of_subscription ON public.deliveries USING btree (subscription_id, id);

create table deliveries_done (
  bucket smallint not null,
  id uuid not null,
  subscription_id uuid not null,
  sequence bigint not null,
  event_id uuid not null,
  unit_id uuid not null,
  state text not null,
  attempt_count smallint not null,
  finished_at timestamp with time zone not null,
  payload text,
  constraint deliveries_done_pkey PRIMARY KEY (bucket, id)
) partition by RANGE (id);
CREATE INDEX deliveries_done_of_subscription ON ONLY public.deliveries_done USING btree (subscription_id, id);

create table deliveries_done_default partition of deliveries_done default;

create table document_parties (
  bucket smallint not null,
  document_id uuid not null,
  organization_id uuid not null,
  role text not null,
  constraint document_parties_pkey PRIMARY KEY (bucket, document_id, organization_id, role),
  constraint document_parties_bucket_document_id_fkey FOREIGN KEY (bucket, document_id) REFERENCES documents(bucket, id) ON DELETE CASCADE,
  constraint document_parties_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX document_parties_by_organization ON public.document_parties USING btree (organization_id, document_id);

create table documents (
  bucket smallint not null,
  id uuid not null,
  organization_id uuid not null,
  type text not null,
  number text not null,
  dialect text not null,
  stops json not null,
  body text not null,
  created_at timestamp with time zone not null,
  constraint documents_pkey PRIMARY KEY (bucket, id),
  constraint documents_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE UNIQUE INDEX documents_by_number ON public.documents USING btree (bucket, number, organization_id, type);

create table endpoint_positions (
  endpoint_id uuid not null,
  last_position bigint not null,
  constraint endpoint_positions_pkey PRIMARY KEY (endpoint_id),
  constraint endpoint_positions_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0);

create table endpoints (
  id uuid not null,
  organization_id uuid not null,
  url text not null,
  created_at timestamp with time zone not null,
  rate_per_second real,
  sends_max smallint,
  constraint endpoints_organization_id_url_key UNIQUE (organization_id, url),
  constraint endpoints_pkey PRIMARY KEY (id),
  constraint endpoints_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint endpoints_rate_per_second_check CHECK ((rate_per_second > (0)::double precision)),
  constraint endpoints_sends_max_check CHECK ((sends_max > 0))
);

create table event_keys (
  bucket smallint not null,
  key uuid not null,
  event_id uuid not null,
  constraint event_keys_pkey PRIMARY KEY (bucket, key)
) with (autovacuum_vacuum_insert_scale_factor=0.05, autovacuum_vacuum_scale_factor=0.02);

create table events (
  bucket smallint not null,
  id uuid not null,
  unit_id uuid not null,
  type text not null,
  classifier text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  organization_id uuid not null,
  dialect text not null,
  source_code text,
  replaces uuid,
  retracts uuid,
  content json not null,
  received text not null,
  traceparent text,
  constraint events_pkey PRIMARY KEY (bucket, id)
) partition by RANGE (id);
CREATE INDEX events_correcting ON ONLY public.events USING btree (bucket, unit_id) WHERE ((replaces IS NOT NULL) OR (retracts IS NOT NULL));
CREATE INDEX events_of_unit ON ONLY public.events USING btree (bucket, unit_id, occurred_at, id);
CREATE INDEX events_of_unknown_code ON ONLY public.events USING btree (dialect, id) WHERE ((type = 'other'::text) AND (source_code IS NOT NULL));

create table events_default partition of events default;

create table hub_facts (
  name text not null,
  value text not null,
  constraint hub_facts_pkey PRIMARY KEY (name)
);

create table idempotency_keys (
  principal text not null,
  key text not null,
  request_sha256 bytea not null,
  status smallint,
  answer_sealed text,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (principal, key)
) with (autovacuum_vacuum_scale_factor=0.05);
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

create table migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null,
  constraint migrations_pkey PRIMARY KEY (name)
);

create table offers (
  id uuid not null,
  name text not null,
  dialects text[],
  requests_per_minute integer,
  created_at timestamp with time zone not null,
  constraint offers_name_key UNIQUE (name),
  constraint offers_pkey PRIMARY KEY (id),
  constraint offers_requests_per_minute_check CHECK ((requests_per_minute > 0))
);

create table organizations (
  id uuid not null,
  name text not null,
  created_at timestamp with time zone not null,
  constraint organizations_pkey PRIMARY KEY (id)
);

create table passage_summaries (
  bucket smallint not null,
  unit_id uuid not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  has_closed boolean not null,
  constraint passage_summaries_pkey PRIMARY KEY (bucket, unit_id),
  constraint passage_summaries_bucket_unit_id_fkey FOREIGN KEY (bucket, unit_id) REFERENCES units(bucket, id) ON DELETE CASCADE
);

create table plans_due (
  bucket smallint not null,
  id uuid not null,
  documents uuid[] not null,
  units uuid[] not null,
  constraint plans_due_pkey PRIMARY KEY (bucket, id)
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000);

create table processes (
  id uuid not null,
  started_at timestamp with time zone not null,
  alive_until timestamp with time zone not null,
  place text,
  constraint processes_pkey PRIMARY KEY (id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200);

create table reference_versions (
  bucket smallint not null,
  reference_key text not null,
  version bigint not null,
  constraint reference_versions_pkey PRIMARY KEY (bucket, reference_key)
) with (fillfactor=80, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);

create table refresh_tokens (
  family bytea not null,
  token_sha256 bytea not null,
  client_id text not null,
  user_id uuid not null,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint refresh_tokens_pkey PRIMARY KEY (family),
  constraint refresh_tokens_client_id_fkey FOREIGN KEY (client_id) REFERENCES applications(client_id) ON DELETE CASCADE,
  constraint refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_end ON public.refresh_tokens USING btree (expires_at);
CREATE INDEX refresh_tokens_of_user ON public.refresh_tokens USING btree (user_id, client_id, created_at);

create table signing_keys (
  kid text not null,
  public_jwk jsonb not null,
  private_sealed text not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint signing_keys_pkey PRIMARY KEY (kid)
);

create table subscription_failures (
  subscription_id uuid not null,
  failing_since timestamp with time zone not null,
  warned_at timestamp with time zone,
  constraint subscription_failures_pkey PRIMARY KEY (subscription_id)
) with (autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=200);

create table subscription_sequences (
  subscription_id uuid not null,
  last_sequence bigint not null,
  constraint subscription_sequences_pkey PRIMARY KEY (subscription_id),
  constraint subscription_sequences_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0);

create table subscription_versions (
  organization_id uuid not null,
  version bigint not null,
  constraint subscription_versions_pkey PRIMARY KEY (organization_id),
  constraint subscription_versions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0);

create table subscriptions (
  id uuid not null,
  organization_id uuid not null,
  dialect text not null,
  external_id text,
  endpoint_id uuid not null,
  url text not null,
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
  previous_secret_until timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  leaving_unit_id uuid,
  ends_after_leaving_ms bigint,
  since timestamp with time zone,
  notices boolean not null default false,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id),
  constraint subscriptions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint subscriptions_ends_after_leaving_ms_check CHECK ((ends_after_leaving_ms > 0)),
  constraint subscriptions_leaving_check CHECK (((leaving_unit_id IS NULL) = (ends_after_leaving_ms IS NULL)))
);
CREATE INDEX subscriptions_changed ON public.subscriptions USING btree (updated_at);
CREATE UNIQUE INDEX subscriptions_external ON public.subscriptions USING btree (dialect, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX subscriptions_filling ON public.subscriptions USING btree (id) WHERE (state = 'filling'::text);
CREATE INDEX subscriptions_leaving ON public.subscriptions USING btree (leaving_unit_id) WHERE ((leaving_unit_id IS NOT NULL) AND (state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text, 'filling'::text])));
CREATE INDEX subscriptions_of_endpoint ON public.subscriptions USING btree (endpoint_id);
CREATE INDEX subscriptions_of_organization ON public.subscriptions USING btree (organization_id, id);
CREATE UNIQUE INDEX subscriptions_same_as ON public.subscriptions USING btree (organization_id, dialect, same_as_sha256) WHERE ((same_as_sha256 IS NOT NULL) AND (state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text, 'filling'::text])));
CREATE INDEX subscriptions_to_expire ON public.subscriptions USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND (state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text, 'filling'::text])));
CREATE INDEX subscriptions_to_match ON public.subscriptions USING btree (organization_id, match_key) WHERE (state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text, 'filling'::text]));
CREATE INDEX subscriptions_with_notices ON public.subscriptions USING btree (organization_id, id) WHERE notices;
CREATE CONSTRAINT TRIGGER subscription_wish_changed AFTER UPDATE OF state, match_key, required_tags, any_type, endpoint_id, expires_at ON public.subscriptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.state IS DISTINCT FROM new.state) OR (old.match_key IS DISTINCT FROM new.match_key)) OR (old.required_tags IS DISTINCT FROM new.required_tags)) OR (old.any_type IS DISTINCT FROM new.any_type)) OR (old.endpoint_id IS DISTINCT FROM new.endpoint_id)) OR (old.expires_at IS DISTINCT FROM new.expires_at))) EXECUTE FUNCTION move_subscription_version();
CREATE CONSTRAINT TRIGGER subscription_wished AFTER INSERT OR DELETE ON public.subscriptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_subscription_version();

create table unit_aliases (
  bucket smallint not null,
  unit_id uuid not null,
  kind text not null,
  value text not null,
  constraint unit_aliases_pkey PRIMARY KEY (bucket, unit_id, kind, value),
  constraint unit_aliases_bucket_unit_id_fkey FOREIGN KEY (bucket, unit_id) REFERENCES units(bucket, id) ON DELETE CASCADE
);
CREATE INDEX unit_aliases_by_value ON public.unit_aliases USING btree (value, kind);

create table unit_documents (
  bucket smallint not null,
  unit_id uuid not null,
  type text not null,
  reference text not null,
  constraint unit_documents_pkey PRIMARY KEY (bucket, unit_id, type, reference),
  constraint unit_documents_bucket_unit_id_fkey FOREIGN KEY (bucket, unit_id) REFERENCES units(bucket, id) ON DELETE CASCADE
);
CREATE INDEX unit_documents_by_reference ON public.unit_documents USING btree (reference);

create table unit_parties (
  bucket smallint not null,
  unit_id uuid not null,
  organization_id uuid not null,
  role text not null,
  may_register boolean not null,
  constraint unit_parties_pkey PRIMARY KEY (bucket, unit_id, organization_id, role),
  constraint unit_parties_bucket_unit_id_fkey FOREIGN KEY (bucket, unit_id) REFERENCES units(bucket, id) ON DELETE CASCADE,
  constraint unit_parties_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX unit_parties_by_organization ON public.unit_parties USING btree (organization_id, unit_id);

create table unit_versions (
  bucket smallint not null,
  unit_id uuid not null,
  recorded_at timestamp with time zone not null,
  number integer not null,
  content jsonb not null,
  constraint unit_versions_pkey PRIMARY KEY (bucket, unit_id, recorded_at, number),
  constraint unit_versions_bucket_unit_id_fkey FOREIGN KEY (bucket, unit_id) REFERENCES units(bucket, id) ON DELETE CASCADE
);
CREATE INDEX unit_versions_by_document ON public.unit_versions USING gin (((content -> 'documents'::text)) jsonb_path_ops);

create table units (
  bucket smallint not null,
  id uuid not null,
  organization_id uuid not null,
  reference text not null,
  reference_key text not null,
  spi text,
  freight_family text not null,
  customs_flag text not null,
  details jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint units_pkey PRIMARY KEY (bucket, id),
  constraint units_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX units_by_reference ON public.units USING btree (bucket, reference_key, organization_id);
CREATE INDEX units_by_spi ON public.units USING btree (spi) WHERE (spi IS NOT NULL);
CREATE INDEX units_of_organization ON public.units USING btree (organization_id, id);

create table users (
  id uuid not null,
  organization_id uuid not null,
  username text not null,
  password_hash text not null,
  services text[] not null,
  created_at timestamp with time zone not null,
  constraint users_username_key UNIQUE (username),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id)
);
CREATE INDEX users_of_organization ON public.users USING btree (organization_id);

create table vocabulary_entries (
  dialect text not null,
  code text not null,
  type text not null,
  classifier text,
  label text,
  send boolean not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint vocabulary_entries_pkey PRIMARY KEY (dialect, code)
);
CREATE UNIQUE INDEX vocabulary_entries_sent ON public.vocabulary_entries USING btree (dialect, type, COALESCE(classifier, ''::text)) WHERE send;
