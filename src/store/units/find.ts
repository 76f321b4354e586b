/** Units by what they are called, newest passage first, in cursor pages. */
import type { Principal } from '../../dialects/dialect.ts';
import type { Page, PageRequest } from '../../dialects/hub-port.ts';
import type { UnitAsKnown } from '../../events/unit.ts';
import { lowerBoundId } from '../../lib/id.ts';
import { findBadText } from '../../lib/text.ts';
import type { Database } from '../database.ts';
import { organizationOf, seesUnit } from '../entitlement.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, type Placeholders, timestamp } from '../placeholders.ts';
import { unitColumns } from '../rows.ts';
import { knownAt, versionAt, versionColumns } from './as-of.ts';
import { selectorConditions, type UnitQuery } from './selector.ts';
import { stateColumn, type UnitStateRow, unitFromStateRow } from './state.ts';

const cursorName = 'units';

/**
 * Ids are ordered by time, so the newest passage is the one with the greatest id. With `asOfMs` the
 * units that were known by then, as they were, by the names that they had; who may see them is
 * decided by their parties of today.
 */
export async function findUnits(
  database: Database,
  principal: Principal,
  query: UnitQuery & { readonly page: PageRequest; readonly asOfMs?: number | undefined },
): Promise<Page<UnitAsKnown>> {
  const limit = limitOf(query.page);
  const before = idCursor(cursorName, query.page.cursor);
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const asOf = query.asOfMs === undefined ? undefined : add(timestamp(query.asOfMs));
  const conditions = conditionsOf(query, asOf, placeholders);
  if (conditions === undefined) return { items: [], nextCursor: null };
  const isNamed = namesOf(query).length > 0;
  const window = { before, rowsMax: limit + 1, placeholders };
  const ids = isNamed
    ? selected(principal, conditions, window)
    : all(principal, conditions, { ...window, asOfMs: query.asOfMs });
  const [columns, version] =
    asOf === undefined
      ? [unitColumns('u'), '']
      : [versionColumns('u', 'v'), `cross join lateral ${versionAt('u', asOf)} v`];
  const rows = await database.query<UnitStateRow>(
    {
      family: 'units-find',
      text: `with page as materialized (${ids})
       select ${columns}, ${stateColumn('u', asOf)}
       from page join units u on u.bucket = page.bucket and u.id = page.id ${version}
       order by u.id desc`,
    },
    values,
  );
  const cursorOf = (row: UnitStateRow) => encodeCursor(cursorName, [row.id]);
  return pageOf({ rows, limit, itemOf: unitFromStateRow, cursorOf });
}

function namesOf({ id, reference, spi, document }: UnitQuery): string[] {
  return [id, reference, spi, document].filter((name) => name !== undefined);
}

/** Undefined where nothing can match. */
function conditionsOf(
  query: UnitQuery,
  asOf: string | undefined,
  placeholders: Placeholders,
): string[] | undefined {
  if (asOf === undefined) return selectorConditions(query, placeholders);
  const { document, ...others } = query;
  if (document !== undefined && findBadText(document) !== undefined) return undefined;
  const now = selectorConditions(others, placeholders);
  return now && [...now, ...knownAt(query, asOf, placeholders.add)];
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
function all(
  principal: Principal,
  conditions: readonly string[],
  window: Window & { readonly asOfMs: number | undefined },
): string {
  const { placeholders, asOfMs } = window;
  const { add } = placeholders;
  const organization = organizationOf(principal);
  const limit = add(window.rowsMax);
  const where = [...conditions];
  if (window.before !== undefined) where.push(`u.id < ${add(window.before)}`);
  if (asOfMs !== undefined) where.push(`u.id < ${add(boundOf(asOfMs))}`);
  if (organization !== undefined) {
    where.push(`u.organization_id = ${add(organization)}`);
    return `select distinct on (u.id) u.bucket, u.id
      from (select p.bucket, p.unit_id as id, p.organization_id from unit_parties p) u
      where ${where.join(' and ')} order by u.id desc limit ${limit}`;
  }
  const ofBucket = ['u.bucket = b.bucket', ...where].join(' and ');
  return `select newest.bucket, newest.id from generate_series(0, 255) as b (bucket)
    cross join lateral (
      select u.bucket, u.id from units u where ${ofBucket}
      order by u.id desc limit ${limit}
    ) newest
    order by newest.id desc limit ${limit}`;
}

/** No unit that was known then has an id above: clocks are not set back by a day. */
function boundOf(asOfMs: number): string {
  return lowerBoundId(asOfMs + 86_400_000);
}
