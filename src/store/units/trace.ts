/** Units with their events, counted, by index: two statements however many units there are. */
import type { Principal } from '../../dialects/dialect.ts';
import type { TraceQuery, TraceResult } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { newestEvents } from '../events/newest.ts';
import { createPlaceholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';
import { selectorConditions } from './selector.ts';

type TraceRow = { readonly total: number } & (UnitRow | { readonly id: null });

/**
 * Sorted by passage: ids carry the time of booking. The total counts only what may be seen, and
 * is there even when the offset lies behind the last unit.
 */
export async function traceUnits(
  database: Database,
  principal: Principal,
  query: TraceQuery,
): Promise<TraceResult> {
  const placeholders = createPlaceholders();
  const conditions = selectorConditions(pick(query), placeholders);
  if (conditions === undefined) return { total: 0, items: [] };
  const { add, values } = placeholders;
  const where = [
    ...conditions,
    `u.freight_family = any (${add(query.families)})`,
    seesUnit(principal, 'u', placeholders),
  ];
  const direction = query.descending ? 'desc' : 'asc';
  const rows = await database.query<TraceRow>(
    {
      family: 'units-trace',
      text: `with matching as materialized (
         select u.bucket, u.id from units u where ${where.join(' and ')}
       ), page as materialized (
         select bucket, id from matching order by id ${direction}
         limit ${add(query.limit)} offset ${add(query.offset)}
       )
       select total.count as total, ${unitColumns('u')}
       from (select count(*) as count from matching) total
       left join (page join units u on u.bucket = page.bucket and u.id = page.id) on true
       order by u.id ${direction}`,
    },
    values,
  );
  const units = rows.filter((row) => row.id !== null);
  const events = await newestEvents(database, principal, { units, eventsMax: query.eventsMax });
  return {
    total: rows[0]?.total ?? 0,
    items: units.map((row) => ({ unit: unitFromRow(row), events: events.get(row.id) ?? [] })),
  };
}

function pick({ reference, spi }: TraceQuery): { reference?: string; spi?: string } {
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(spi === undefined ? {} : { spi }),
  };
}
