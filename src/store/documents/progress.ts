/** The progress of a document: its planned stops beside what its units did. */
import type { Principal } from '../../dialects/dialect.ts';
import type { DocumentProgress, PageRequest } from '../../dialects/hub-port.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { progressOf, type UnitTold } from '../../events/progress.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { holds } from '../events/holds.ts';
import { newestEventsWhere } from '../events/newest.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';
import { getDocument } from './get.ts';
import { nameEachOther } from './pairs.ts';

const cursorName = 'progress';
/** A unit is loaded and unloaded some times; of more the newest count. */
const eventsMax = 200;

/**
 * Undefined where the document is not the principal's to see. Of its units those that the principal
 * sees, the newest first, by pages.
 */
export async function documentProgress(
  database: Database,
  principal: Principal,
  given: { readonly id: string; readonly page: PageRequest },
): Promise<DocumentProgress | undefined> {
  const document = await getDocument(database, principal, given.id);
  if (document === undefined) return undefined;
  const limit = limitOf(given.page);
  const before = idCursor(cursorName, given.page.cursor);
  const rows = await unitsUnder(database, principal, { id: given.id, before, rowsMax: limit + 1 });
  const cursorOf = (row: UnitRow) => encodeCursor(cursorName, [row.id]);
  const page = pageOf({ rows, limit, itemOf: (row) => row, cursorOf });
  const told = await toldOf(database, principal, page.items);
  return { document, ...progressOf(document, told), nextCursor: page.nextCursor };
}

function unitsUnder(
  database: Database,
  principal: Principal,
  { id, before, rowsMax }: { id: string; before: string | undefined; rowsMax: number },
): Promise<UnitRow[]> {
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const behind = before === undefined ? '' : `and u.id < ${add(before)}`;
  return database.query<UnitRow>(
    {
      family: 'units-under-order',
      text: `select ${unitColumns('u')} from documents o
       join unit_documents d on d.reference = o.number and d.type = o.type
       join units u on u.bucket = d.bucket and u.id = d.unit_id
       where o.bucket = ${add(bucketOfId(id))} and o.id = ${add(id)} and ${nameEachOther} ${behind}
         and ${seesUnit(principal, 'u', placeholders)}
       order by u.id desc limit ${add(rowsMax)}`,
    },
    values,
  );
}

const corrects = (event: string) => `coalesce(${event}.replaces, ${event}.retracts) is not null`;
const isHandled = (event: string) => `${event}.type in ('loaded', 'unloaded')`;

async function toldOf(
  database: Database,
  principal: Principal,
  rows: readonly UnitRow[],
): Promise<UnitTold[]> {
  const read = (condition: (event: string, unit: string) => string) =>
    newestEventsWhere(database, principal, { units: rows, eventsMax, condition });
  const [planned, actual] = await Promise.all([
    read(
      (event) => `(${event}.classifier = 'planned' and ${isHandled(event)} or ${corrects(event)})`,
    ),
    read((event, unit) => `${isHandled(event)} and ${holds(event, unit)}`),
  ]);
  const none: readonly RecordedEvent[] = [];
  return rows.map((row) => ({
    unit: unitFromRow(row),
    planned: planned.get(row.id) ?? none,
    actual: actual.get(row.id) ?? none,
  }));
}
