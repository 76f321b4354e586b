-- What operators say of partners' codes, beside what each dialect knows by itself.

create table vocabulary_entries (
  dialect text not null,
  code text not null,
  type text not null,
  -- Null: the code says nothing of it.
  classifier text,
  label text,
  -- Whether events of this type, and of this classifier if there is one, are said with this code.
  send boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (dialect, code)
);
-- Two codes for the same would leave it to chance which one is said.
create unique index vocabulary_entries_sent
  on vocabulary_entries (dialect, type, coalesce(classifier, '')) where send;

-- Counts the changes. Its row is locked by every change, so a number that was read stands for exactly
-- one state of the entries, and processes find out about changes by reading one row.
insert into hub_facts (name, value) values ('vocabulary-version', '0');

-- Events whose code had no entry: few, and read from the newest.
create index events_of_unknown_code on events (dialect, id)
  where type = 'other' and source_code is not null;
