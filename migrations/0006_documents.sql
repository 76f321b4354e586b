-- Documents: what units travel under, as a party gave them to the hub.

-- The bucket is that of the number, as in bucketOf: one number of one owner always falls into one bucket,
-- so that its uniqueness is decided there.
create table documents (
  bucket smallint not null,
  id uuid not null,
  -- The owner.
  organization_id uuid not null references organizations (id),
  type text not null,
  number text not null,
  -- Whose words `body` is in.
  dialect text not null,
  -- What is planned, in order, in the hub's words.
  stops json not null,
  -- As received, to the last digit: text, since even json may be rewritten by whoever reads it.
  body text not null,
  created_at timestamptz not null,
  primary key (bucket, id)
);
-- Unique within the owner, and found by whoever names the number.
create unique index documents_by_number on documents (bucket, number, organization_id, type);

-- The owner is a party like the others, with the role `owner`.
create table document_parties (
  bucket smallint not null,
  document_id uuid not null,
  organization_id uuid not null references organizations (id),
  role text not null,
  primary key (bucket, document_id, organization_id, role),
  foreign key (bucket, document_id) references documents (bucket, id) on delete cascade
);
create index document_parties_by_organization on document_parties (organization_id, document_id);
