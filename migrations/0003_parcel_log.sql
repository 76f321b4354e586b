-- What the parcel event logs need: further names of a unit, and a quick way to a unit's corrections.

-- Names beside reference and SPI, as keys: `shipment-number`, `return-code`. One may name several
-- units. A query does not know the bucket of such a name, so the second index does without.
create table unit_aliases (
  bucket smallint not null,
  unit_id uuid not null,
  kind text not null,
  value text not null,
  primary key (bucket, unit_id, kind, value),
  foreign key (bucket, unit_id) references units (bucket, id) on delete cascade
);
create index unit_aliases_by_value on unit_aliases (value, kind);

-- Corrections are rare: the index is all but empty, and tells at once that a unit has none.
create index events_correcting on events (bucket, unit_id)
  where replaces is not null or retracts is not null;
