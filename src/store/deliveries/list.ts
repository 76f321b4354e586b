/** Deliveries, newest first: those still to be sent and those that are finished, as one list. */
import type { Principal } from '../../dialects/dialect.ts';
import type { DeliveriesPort, Delivery, Page, PageRequest } from '../../dialects/hub-port.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import { bucketOfId, isUuid } from '../../lib/id.ts';
import { findBadText } from '../../lib/text.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, type Placeholders } from '../placeholders.ts';
import { wasOwn } from '../subscriptions/own.ts';
import { type DeliveryRow, deliveryFromRow, doneColumns, pendingColumns } from './rows.ts';

type Query = Parameters<DeliveriesPort['list']>[1];

const listName = 'deliveries';

interface Asked {
  readonly query: Query;
  readonly before: string | undefined;
  readonly limit: number;
}

/** Only what goes, or went, to subscriptions of one's own. Throws `invalid-input` for a wrong cursor. */
export async function listDeliveries(
  database: Database,
  principal: Principal,
  { query, page }: { readonly query: Query; readonly page: PageRequest },
): Promise<Page<Delivery>> {
  const limit = limitOf(page);
  const before = idCursor(listName, page.cursor);
  const texts = [query.subscription, query.unit].filter((text) => text !== undefined);
  const isPossible = texts.every((text) => findBadText(text) === undefined);
  const rows = isPossible ? await read(database, principal, { query, before, limit }) : [];
  return pageOf({
    rows,
    limit,
    itemOf: deliveryFromRow,
    cursorOf: (row) => encodeCursor(listName, [row.id]),
  });
}

function read(database: Database, principal: Principal, asked: Asked): Promise<DeliveryRow[]> {
  const { query, limit } = asked;
  const placeholders = createPlaceholders();
  const most = placeholders.add(limit + 1);
  const source =
    query.unit === undefined
      ? bySubscription(principal, placeholders, asked)
      : byUnit(principal, placeholders, { ...asked, unit: query.unit });
  const text = tablesOf(query.state)
    .map(({ table, columns, states }) => {
      const wanted = states === undefined ? '' : `and d.state = ${placeholders.add(states)}`;
      return `(${source(table, columns, wanted, most)})`;
    })
    .join(' union all ');
  return database.query<DeliveryRow>(
    {
      family: 'deliveries-list',
      text: `select * from (${text}) found order by id desc limit ${most}`,
    },
    placeholders.values,
  );
}

function tablesOf(state: Query['state']) {
  const pending = { table: 'deliveries', columns: pendingColumns, states: undefined };
  const done = { table: 'deliveries_done', columns: doneColumns, states: state };
  if (state === undefined) return [pending, done];
  return state === 'pending' ? [pending] : [done];
}

type Source = (table: string, columns: string, wanted: string, most: string) => string;

/** The newest of each subscription by its index on (subscription_id, id), then the newest of all. */
function bySubscription(principal: Principal, placeholders: Placeholders, asked: Asked): Source {
  const own = ownSubscriptions(principal, placeholders, asked.query);
  const older = olderThan(asked.before, placeholders);
  return (table, columns, wanted, most) => `
    select d.* from subscriptions s cross join lateral (
      select ${columns} from ${table} d where d.subscription_id = s.id ${older} ${wanted}
      order by d.id desc limit ${most}
    ) d where ${own} order by d.id desc limit ${most}`;
}

/**
 * From the unit's events to their deliveries. A delivery's id begins like its event's (see
 * record/write-events.ts), so those of one event are a small range of the primary key.
 */
function byUnit(
  principal: Principal,
  placeholders: Placeholders,
  asked: Asked & { readonly unit: string },
): Source {
  const named = namesUnit(asked.unit, placeholders);
  const seen = seesUnit(principal, 'u', placeholders);
  const own = ownSubscriptions(principal, placeholders, asked.query);
  const older = olderThan(asked.before, placeholders);
  return (table, columns, wanted, most) => `
    select ${columns}
    from units u
    join events e on e.bucket = u.bucket and e.unit_id = u.id
    join ${table} d on d.bucket = e.bucket and d.event_id = e.id
      and d.id between (substr(e.id::text, 1, 19) || '8000-000000000000')::uuid
        and (substr(e.id::text, 1, 19) || 'bfff-ffffffffffff')::uuid
    join subscriptions s on s.id = d.subscription_id
    where ${named} and ${seen} and ${own} ${older} ${wanted}
    order by d.id desc limit ${most}`;
}

/** Id, reference or SPI, each by its index. */
function namesUnit(unit: string, { add }: Placeholders): string {
  const key = referenceKey(unit);
  const ways = [
    `(u.bucket = ${add(bucketOf(key))} and u.reference_key = ${add(key)})`,
    `u.spi = ${add(unit)}`,
  ];
  const bucket = bucketOfId(unit);
  if (bucket !== undefined) ways.push(`(u.bucket = ${add(bucket)} and u.id = ${add(unit)}::uuid)`);
  return `(${ways.join(' or ')})`;
}

function ownSubscriptions(principal: Principal, placeholders: Placeholders, query: Query): string {
  const own = wasOwn(principal, placeholders);
  const { subscription } = query;
  if (subscription === undefined) return own;
  const column = isUuid(subscription) ? 's.id' : 's.external_id';
  return `${column} = ${placeholders.add(subscription)} and ${own}`;
}

function olderThan(before: string | undefined, { add }: Placeholders): string {
  return before === undefined ? '' : `and d.id < ${add(before)}`;
}
