/** One unit by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { UnitAsKnown } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { createPlaceholders, timestamp } from '../placeholders.ts';
import { unitColumns } from '../rows.ts';
import { versionAt, versionColumns } from './as-of.ts';
import { stateColumn, type UnitStateRow, unitFromStateRow } from './state.ts';

/**
 * Undefined where there is none to be seen, also for a text that is no id of the hub. With `asOfMs`
 * as it was recorded by then; who may see it is decided by its parties of today.
 */
export async function getUnit(
  database: Database,
  principal: Principal,
  { id, asOfMs }: { readonly id: string; readonly asOfMs?: number | undefined },
): Promise<UnitAsKnown | undefined> {
  const bucket = bucketOfId(id);
  if (bucket === undefined) return undefined;
  const { add, values } = createPlaceholders();
  const asOf = asOfMs === undefined ? undefined : add(timestamp(asOfMs));
  const [columns, version] =
    asOf === undefined
      ? [unitColumns('u'), '']
      : [versionColumns('u', 'v'), `cross join lateral ${versionAt('u', asOf)} v`];
  // By the primary key of units; an id tells its bucket.
  const [row] = await database.query<UnitStateRow>(
    {
      family: 'unit-get',
      text: `select ${columns}, ${stateColumn('u', asOf)} from units u ${version}
       where u.bucket = ${add(bucket)} and u.id = ${add(id)}
         and ${seesUnit(principal, 'u', { add, values })}`,
    },
    values,
  );
  return row === undefined ? undefined : unitFromStateRow(row);
}
