/**
 * Units by any of their names, with the events that hold: three statements however many there are.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { NamesQuery, UnitsWithEvents } from '../../dialects/hub-port.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import {
  type AliasKind,
  returnKey,
  shipmentKey,
  shipmentSpellings,
} from '../../events/unit-aliases.ts';
import { findBadText } from '../../lib/text.ts';
import type { Database } from '../database.ts';
import { seesUnit } from '../entitlement.ts';
import { heldEvents } from '../events/held.ts';
import { organizationNames } from '../events/organization-names.ts';
import { createPlaceholders, type Placeholders } from '../placeholders.ts';
import { type UnitRow, unitColumns, unitFromRow } from '../rows.ts';

/** Empty where none is to be seen. */
export async function unitsWithEvents(
  database: Database,
  principal: Principal,
  { anyOf, unitsMax, eventsMax }: NamesQuery,
): Promise<UnitsWithEvents> {
  const placeholders = createPlaceholders();
  const named = namedUnits(anyOf, principal, placeholders);
  const rows =
    named.length === 0
      ? []
      : await database.query<UnitRow>(
          {
            family: 'units-by-names',
            text: `with page as materialized (
               select bucket, id from (${named.join(' union ')}) named
               order by id desc limit ${placeholders.add(unitsMax)}
             )
             select ${unitColumns('u')}
             from page join units u on u.bucket = page.bucket and u.id = page.id
             order by u.id`,
          },
          placeholders.values,
        );
  const events = await heldEvents(database, principal, { units: rows, eventsMax });
  const items = rows.map((row) => ({ unit: unitFromRow(row), events: events.get(row.id) ?? [] }));
  const sources = items.flatMap((item) => item.events.map((event) => event.source.organization));
  return { items, organizations: await organizationNames(database, sources) };
}

/** A query for each way in; `union` drops the doubles. Text that cannot be stored names nothing. */
function namedUnits(
  { reference, shipmentNumber, returnCode }: NamesQuery['anyOf'],
  principal: Principal,
  placeholders: Placeholders,
): string[] {
  const canBe = (text: string | undefined): text is string =>
    text !== undefined && findBadText(text) === undefined;
  const queries: string[] = [];
  if (canBe(reference)) queries.push(byReference(reference, principal, placeholders));
  if (canBe(shipmentNumber)) {
    const value = shipmentKey(shipmentNumber);
    queries.push(byAlias({ kind: 'shipment-number', value }, principal, placeholders));
    queries.push(byConsignment(shipmentNumber, principal, placeholders));
  }
  if (canBe(returnCode)) {
    const value = returnKey(returnCode);
    queries.push(byAlias({ kind: 'return-code', value }, principal, placeholders));
  }
  return queries;
}

/** By units_by_reference (bucket, reference_key, organization_id). */
function byReference(reference: string, principal: Principal, placeholders: Placeholders): string {
  const { add } = placeholders;
  const key = referenceKey(reference);
  return `select u.bucket, u.id from units u where u.bucket = ${add(bucketOf(key))}
    and u.reference_key = ${add(key)} and ${seesUnit(principal, 'u', placeholders)}`;
}

/** By unit_aliases_by_value (value, kind). */
function byAlias(
  { kind, value }: { readonly kind: AliasKind; readonly value: string },
  principal: Principal,
  placeholders: Placeholders,
): string {
  const { add } = placeholders;
  return `select u.bucket, u.id
    from unit_aliases a cross join lateral (select a.bucket, a.unit_id as id) u
    where a.value = ${add(value)} and a.kind = ${add(kind)}
      and ${seesUnit(principal, 'u', placeholders)}`;
}

/**
 * By unit_documents_by_reference. Only of parcels: a container's consignment is no shipment number.
 */
function byConsignment(
  shipmentNumber: string,
  principal: Principal,
  placeholders: Placeholders,
): string {
  const { add } = placeholders;
  return `select u.bucket, u.id
    from unit_documents d join units u on u.bucket = d.bucket and u.id = d.unit_id
    where d.reference = any (${add(shipmentSpellings(shipmentNumber))})
      and d.type = 'consignment' and u.freight_family = 'Parcel'
      and ${seesUnit(principal, 'u', placeholders)}`;
}
