/** One unit by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { createPlaceholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';

/** Undefined where there is none to be seen, also for a text that is no id of the hub. */
export async function getUnit(
  database: Database,
  principal: Principal,
  id: string,
): Promise<HandlingUnit | undefined> {
  const bucket = bucketOfId(id);
  if (bucket === undefined) return undefined;
  const { add, values } = createPlaceholders();
  // By the primary key of units; an id tells its bucket.
  const [row] = await database.query<UnitRow>(
    `select ${unitColumns('u')} from units u
     where u.bucket = ${add(bucket)} and u.id = ${add(id)}
       and ${seesUnit(principal, 'u', { add, values })}`,
    values,
  );
  return row === undefined ? undefined : unitFromRow(row);
}
