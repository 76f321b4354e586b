/** Units by what they are called, newest passage first, in cursor pages. */
import type { Principal } from '../../dialects/dialect.ts';
import type { Page, PageRequest } from '../../dialects/hub-port.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import type { Database } from '../database.ts';
import { organizationOf, seesUnit } from '../entitlement.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, type Placeholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';
import { selectorConditions, type UnitQuery } from './selector.ts';

const cursorName = 'units';

/** Ids are ordered by time, so the newest passage is the one with the greatest id. */
export async function findUnits(
  database: Database,
  principal: Principal,
  query: UnitQuery & { readonly page: PageRequest },
): Promise<Page<HandlingUnit>> {
  const limit = limitOf(query.page);
  const before = idCursor(cursorName, query.page.cursor);
  const placeholders = createPlaceholders();
  const conditions = selectorConditions(query, placeholders);
  if (conditions === undefined) return { items: [], nextCursor: null };
  const window = { before, rowsMax: limit + 1 };
  const ids =
    conditions.length > 0
      ? selected(principal, conditions, { ...window, placeholders })
      : all(principal, { ...window, placeholders });
  const rows = await database.query<UnitRow>(
    `with page as materialized (${ids})
     select ${unitColumns('u')} from page join units u on u.bucket = page.bucket and u.id = page.id
     order by u.id desc`,
    placeholders.values,
  );
  const cursorOf = (row: UnitRow) => encodeCursor(cursorName, [row.id]);
  return pageOf({ rows, limit, itemOf: unitFromRow, cursorOf });
}

interface Window {
  readonly before: string | undefined;
  readonly rowsMax: number;
  readonly placeholders: Placeholders;
}

/** The few units that were named: found by the selector's index, then sorted. */
function selected(principal: Principal, conditions: readonly string[], window: Window): string {
  const { before, rowsMax, placeholders } = window;
  const where = [...conditions, seesUnit(principal, 'u', placeholders)];
  if (before !== undefined) where.push(`u.id < ${placeholders.add(before)}`);
  return `select u.bucket, u.id from units u where ${where.join(' and ')}
    order by u.id desc limit ${placeholders.add(rowsMax)}`;
}

/**
 * Everything one may see. unit_parties_by_organization (organization_id, unit_id) is read from its
 * end and gives the order; an organization with two roles is counted once. The operator's list
 * takes the newest of each bucket from units_pkey: 256 short look-ups instead of the whole table.
 */
function all(principal: Principal, { before, rowsMax, placeholders }: Window): string {
  const { add } = placeholders;
  const organization = organizationOf(principal);
  const limit = add(rowsMax);
  const older = (id: string) => (before === undefined ? '' : `and ${id} < ${add(before)}`);
  if (organization !== undefined) {
    return `select distinct on (p.unit_id) p.bucket, p.unit_id as id from unit_parties p
      where p.organization_id = ${add(organization)} ${older('p.unit_id')}
      order by p.unit_id desc limit ${limit}`;
  }
  return `select newest.bucket, newest.id from generate_series(0, 255) as b (bucket)
    cross join lateral (
      select u.bucket, u.id from units u where u.bucket = b.bucket ${older('u.id')}
      order by u.id desc limit ${limit}
    ) newest
    order by newest.id desc limit ${limit}`;
}
