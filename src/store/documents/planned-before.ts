/** Which stops of which documents have been told of units before. */
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

export interface PlannedName {
  readonly unit: string;
  /** Who planned it, in which dialect. */
  readonly organization: string;
  readonly dialect: string;
  /** The stop's, as in `stopName`. */
  readonly name: string;
}

const statement = {
  name: 'planned-before',
  // By events_of_unit; a unit has some dozens of events.
  text: `select e.unit_id as unit, e.organization_id as organization, e.dialect,
      e.content ->> 'additionalInfo' as name
    from unnest($1::smallint[], $2::uuid[]) as a (bucket, id)
    join events e on e.bucket = a.bucket and e.unit_id = a.id
    where e.classifier = 'planned' and e.content ->> 'additionalInfo' is not null`,
};

export function plannedKey({ unit, organization, dialect, name }: PlannedName): string {
  return [unit, organization, dialect, name].join(' ');
}

/** As `plannedKey` names them. */
export async function plannedBefore(
  database: Database,
  units: readonly string[],
): Promise<ReadonlySet<string>> {
  if (units.length === 0) return new Set();
  const rows = await database.query<PlannedName>(statement, [units.map(bucketOfId), [...units]]);
  return new Set(rows.map(plannedKey));
}
