/** The events that a batch replaces or retracts: of which unit, told by whom, matched by what. */
import type { RecordedEvent } from '../../events/event.ts';
import { isRetracted, type Version } from '../../events/versions.ts';
import { bucketOfId } from '../../lib/id.ts';
import { present } from '../../lib/present.ts';
import type { Database } from '../database.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';

const statement = {
  name: 'related-events',
  text: `
select ${eventColumns('e')}
from unnest($1::smallint[], $2::uuid[]) as a (bucket, id)
join events e on e.bucket = a.bucket and e.id = a.id`,
};

/** By id, those that exist. */
export async function relatedEvents(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordedEvent>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<EventRow>(statement, [
    ids.map((id) => bucketOfId(id) ?? null),
    [...ids],
  ]);
  return new Map(rows.map((row) => [row.id, eventFromRow(row)]));
}

const correctionsStatement = {
  name: 'corrections-of-units',
  text: `
select e.unit_id as unit, e.id, e.replaces, e.retracts
from (select distinct * from unnest($1::smallint[], $2::uuid[]) as u (bucket, unit)) a
join events e on e.bucket = a.bucket and e.unit_id = a.unit
  and (e.replaces is not null or e.retracts is not null)`,
};

interface Correction {
  readonly unit: string;
  readonly id: string;
  readonly replaces: string | null;
  readonly retracts: string | null;
}

/**
 * Which of these events have been withdrawn, by whichever of their versions. `events_correcting`
 * (bucket, unit_id) serves it.
 */
export async function retractedEvents(
  database: Database,
  events: readonly { readonly bucket: number; readonly unit: string; readonly id: string }[],
): Promise<ReadonlySet<string>> {
  if (events.length === 0) return new Set();
  const rows = await database.query<Correction>(correctionsStatement, [
    events.map((event) => event.bucket),
    events.map((event) => event.unit),
  ]);
  const told = new Map(events.map(({ unit }): [string, Version[]] => [unit, []]));
  for (const { unit, ...correction } of rows) told.get(unit)?.push(present(correction));
  const withdrawn = events.filter(({ unit, id }) => isRetracted(id, told.get(unit) ?? []));
  return new Set(withdrawn.map(({ id }) => id));
}

/** Lets events that are no longer held take the place of withdrawn ones among the known keys. */
export async function forgetKeys(
  database: Database,
  keys: readonly { readonly bucket: number; readonly key: string; readonly id: string }[],
): Promise<void> {
  await database.query(
    `delete from event_keys k using unnest($1::smallint[], $2::uuid[], $3::uuid[])
       as a (bucket, key, event_id)
     where k.bucket = a.bucket and k.key = a.key and k.event_id = a.event_id`,
    [keys.map(({ bucket }) => bucket), keys.map(({ key }) => key), keys.map(({ id }) => id)],
  );
}

/** Which of these organizations exist. */
export async function knownOrganizations(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await database.query<{ id: string }>(
    'select id from organizations where id = any ($1::uuid[])',
    [[...ids]],
  );
  return new Set(rows.map((row) => row.id));
}
