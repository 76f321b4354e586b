/**
 * Events in the order in which they happened, in cursor pages. First the units are settled, those
 * meant and seen; then each unit's events are read in order by events_of_unit (bucket, unit_id,
 * occurred_at, id), one page of each at most, and merged.
 *
 * Without a unit this costs one index look-up per unit of the organization; only the operator, who
 * sees all units, sorts the whole window asked for.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { EventQuery, Page, PageRequest } from '../../dialects/hub-port.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { parseInstant } from '../../events/time.ts';
import { isUuid } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { organizationOf } from '../entitlement.ts';
import { badCursor, decodeCursor, encodeCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, type Placeholders, timestamp } from '../placeholders.ts';
import { type EventRow, eventColumns, eventFromRow } from '../rows.ts';
import { namedUnits, ownUnits } from './units-of.ts';

const cursorName = 'events';

/** Where a page begins: behind this event. */
interface Position {
  /** UTC with six fraction digits: the column's full precision. */
  readonly occurredAt: string;
  readonly id: string;
}

/** `From` bounds are included, `To` bounds are not; `asOfMs` is included. */
export async function listEvents(
  database: Database,
  principal: Principal,
  query: EventQuery & { readonly page: PageRequest },
): Promise<Page<RecordedEvent>> {
  const limit = limitOf(query.page);
  const after = positionOf(query.page.cursor);
  const placeholders = createPlaceholders();
  const units = unitsOf(principal, query.unit, placeholders);
  if (units === 'none') return { items: [], nextCursor: null };
  const where = conditionsOf(query, placeholders);
  if (after !== undefined) {
    const { add } = placeholders;
    where.push(`(e.occurred_at, e.id) > (${add(after.occurredAt)}, ${add(after.id)})`);
  }
  const text = textOf({ units, where, rowsMax: placeholders.add(limit + 1) });
  // A window over everybody's events is planned for its bounds: a plan for any bounds is a bad one.
  const statement = units === undefined ? text : { family: 'events-list', text };
  const rows = await database.query<EventRow>(statement, placeholders.values);
  const cursorOf = ({ content, id }: EventRow) =>
    encodeCursor(cursorName, [content.occurredAt.iso, id]);
  return pageOf({ rows, limit, itemOf: eventFromRow, cursorOf });
}

/** A query for (bucket, id) of units; undefined: all there are; `none`: nothing can match. */
function unitsOf(
  principal: Principal,
  unit: string | undefined,
  placeholders: Placeholders,
): string | undefined | 'none' {
  if (unit !== undefined) return namedUnits(principal, unit, placeholders) ?? 'none';
  const organization = organizationOf(principal);
  return organization === undefined ? undefined : ownUnits(organization, placeholders);
}

function textOf(given: {
  readonly units: string | undefined;
  readonly where: readonly string[];
  readonly rowsMax: string;
}): string {
  const { units, where, rowsMax } = given;
  const order = `order by e.occurred_at, e.id limit ${rowsMax}`;
  if (units === undefined) {
    return `select ${eventColumns('e')} from events e
      where ${['true', ...where].join(' and ')} ${order}`;
  }
  const ofUnit = ['e.bucket = u.bucket', 'e.unit_id = u.id', ...where].join(' and ');
  return `with u as materialized (${units})
    select ${eventColumns('e')} from u cross join lateral (
      select * from events e where ${ofUnit} ${order}
    ) e ${order}`;
}

function conditionsOf(query: EventQuery, { add }: Placeholders): string[] {
  const where: string[] = [];
  const bound = (condition: string, epochMs: number | undefined) => {
    if (epochMs !== undefined) where.push(`${condition} ${add(timestamp(epochMs))}`);
  };
  if (query.type !== undefined) where.push(`e.type = ${add(query.type)}`);
  bound('e.occurred_at >=', query.occurredFromMs);
  bound('e.occurred_at <', query.occurredToMs);
  bound('e.recorded_at >=', query.recordedFromMs);
  bound('e.recorded_at <', query.recordedToMs);
  // What was recorded later is hidden, so a version that was replaced since then is still the one.
  bound('e.recorded_at <=', query.asOfMs);
  return where;
}

function positionOf(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const [text = '', id = '', ...rest] = decodeCursor(cursorName, cursor);
  const occurredAt = parseInstant(text);
  if (!occurredAt.ok || !isUuid(id) || rest.length > 0) throw badCursor();
  return { occurredAt: occurredAt.value.iso, id };
}
