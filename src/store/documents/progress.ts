/** The progress of a document: its planned stops beside what its units did. */
import type { Principal } from '../../dialects/dialect.ts';
import type { DocumentProgress, PageRequest } from '../../dialects/hub-port.ts';
import type { HubDocument } from '../../events/document.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { stopName } from '../../events/planned-stops.ts';
import { progressOf, type UnitTold } from '../../events/progress.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { holds } from '../events/holds.ts';
import { type ChosenEvents, newestEventsWhere } from '../events/newest.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../page.ts';
import { createPlaceholders, type Placeholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';
import { getDocument } from './get.ts';
import { nameEachOther } from './pairs.ts';

const cursorName = 'progress';
/** A unit is loaded and unloaded some times; of more the newest count. */
const actualMax = 200;
/** Versions of the stops that a document plans. */
const plannedMax = 1_000;

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
  const told = await toldOf(database, principal, { document, units: page.items });
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

const isHandled = (event: string) => `${event}.type in ('loaded', 'unloaded')`;

/**
 * Whether an event is what planning told a unit of the document, or a later version of that. Nothing
 * else takes a place: a unit may have hundreds of corrected estimates.
 */
function isOfPlan(
  document: HubDocument,
  [event, unit]: readonly [string, string],
  add: Placeholders['add'],
): string {
  const names = add(document.stops.map((_stop, index) => stopName(document, index)));
  const ofUnit = (alias: string) =>
    `${alias}.bucket = ${unit}.bucket and ${alias}.unit_id = ${unit}.id`;
  // Collected once for each unit, before its events are looked at.
  return `${event}.id = any (array(
    with recursive plan as (
      select told.id from events told
      where ${ofUnit('told')} and told.classifier = 'planned'
        and told.organization_id = ${add(document.organization)}::uuid
        and told.dialect = ${add(document.dialect)}
        and told.replaces is null and told.retracts is null
        and told.content ->> 'additionalInfo' = any (${names}::text[])
      union
      select later.id from plan
      join events later on coalesce(later.replaces, later.retracts) = plan.id
      where ${ofUnit('later')} and (later.replaces is not null or later.retracts is not null)
    ) select id from plan))`;
}

async function toldOf(
  database: Database,
  principal: Principal,
  { document, units }: { readonly document: HubDocument; readonly units: readonly UnitRow[] },
): Promise<UnitTold[]> {
  const read = (eventsMax: number, condition: ChosenEvents['condition']) =>
    newestEventsWhere(database, principal, { units, eventsMax, condition });
  const [planned, actual] = await Promise.all([
    read(plannedMax, (event, unit, add) => isOfPlan(document, [event, unit], add)),
    read(actualMax, (event, unit) => `${isHandled(event)} and ${holds(event, unit)}`),
  ]);
  const none: readonly RecordedEvent[] = [];
  return units.map((row) => ({
    unit: unitFromRow(row),
    planned: planned.get(row.id) ?? none,
    actual: actual.get(row.id) ?? none,
  }));
}
