// The plans behind the parcel log on tables large enough for the planner to care: no hot table is
// read from end to end, whoever asks and by whatever name.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import { bucketOf } from '../../events/identifiers.ts';
import type { Database } from '../database.ts';
import { createUnits } from './index.ts';

const unitCount = 6_000;
const parcelsPerShipment = 3;
const eventsPerUnit = 4;

let bench: StoreBench;
let shop: Principal;
let carrier: Principal;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const insertUnits = `insert into units (bucket, id, organization_id, reference, reference_key,
    freight_family, customs_flag, details, created_at, updated_at)
  select b, id, $4::uuid, ref, ref, 'Parcel', 'Unknown', '{}', now(), now()
  from unnest($1::smallint[], $2::uuid[], $3::text[]) u (b, id, ref)`;
const fill = [
  `insert into unit_aliases (bucket, unit_id, kind, value)
   select bucket, id, 'shipment-number', 'S-' || (row_number() over () / ${parcelsPerShipment}) from units
   union all select bucket, id, 'return-code', 'R-' || reference from units`,
  `insert into unit_documents (bucket, unit_id, type, reference)
   select bucket, id, 'consignment', 'C-' || (row_number() over () / ${parcelsPerShipment}) from units
   union all select bucket, id, 'order', 'O-' || reference from units`,
];
const insertParties = `insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
  select bucket, id, organization_id, 'owner', true from units
  union all select bucket, id, $1::uuid, 'carrier', true from units`;
const insertEvents = `insert into events (bucket, id, unit_id, type, classifier, occurred_at,
    recorded_at, organization_id, dialect, content, received)
  select b, id, unit, 'in-transit', 'actual', $4::timestamptz, $4, $5::uuid, 'hub',
    jsonb_build_object('occurredAt', jsonb_build_object('iso', $4::text), 'unit', '{}'::jsonb), '{}'
  from unnest($1::smallint[], $2::uuid[], $3::uuid[]) e (b, id, unit)`;

beforeAll(async () => {
  bench = await createStoreBench();
  const { database, newId } = bench;
  const shopId = await bench.organization();
  const carrierId = await bench.organization();
  [shop, carrier] = [memberOf(shopId), memberOf(carrierId)];
  const made = Array.from({ length: unitCount }, (_, at) => {
    const reference = `P-${at}`;
    const bucket = bucketOf(reference);
    return { reference, bucket, id: newId(bucket) };
  });
  const buckets = made.map((unit) => unit.bucket);
  const ids = made.map((unit) => unit.id);
  await database.query(insertUnits, [buckets, ids, made.map((unit) => unit.reference), shopId]);
  await database.query(insertParties, [carrierId]);
  for (const statement of fill) await database.query(statement);
  for (let turn = 0; turn < eventsPerUnit; turn++) {
    const eventIds = made.map((unit) => newId(unit.bucket));
    const now = new Date(bench.clock.nowMs + turn).toISOString();
    await database.query(insertEvents, [buckets, eventIds, ids, now, shopId]);
  }
  await database.query('analyze');
});
afterAll(() => bench.drop());

/** The database, with the plan of every statement that passes. */
function explaining(): { database: Database; nodes: PlanNode[] } {
  const nodes: PlanNode[] = [];
  const collect = (node: PlanNode) => {
    nodes.push(node);
    for (const child of node.Plans ?? []) collect(child);
  };
  const database: Database = {
    ...bench.database,
    async query(statement, values) {
      const text = typeof statement === 'string' ? statement : statement.text;
      const [row] = await bench.database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (format json) ${text}`,
        values,
      );
      if (row !== undefined) collect(row['QUERY PLAN'][0].Plan);
      return bench.database.query(statement, values);
    },
  };
  return { database, nodes };
}

const askers: [string, () => Principal][] = [
  ['an owner', () => shop],
  ['a party', () => carrier],
  ['the operator', () => operator],
];

it.each(
  askers.flatMap(([who, asker]) =>
    [
      { reference: 'P-7' },
      { shipmentNumber: 'S-7' },
      { shipmentNumber: 'C-7' },
      { returnCode: 'R-P-7' },
      { reference: 'P-7', shipmentNumber: 'P-7', returnCode: 'P-7' },
    ].map((anyOf) => ({ who, asker, anyOf })),
  ),
)('$who asks for $anyOf by index', async ({ asker, anyOf }) => {
  const { database, nodes } = explaining();
  const query = { anyOf, unitsMax: 100, eventsMax: 200 };
  const { items } = await createUnits({ ...bench, database }).withEvents(asker(), query);
  const isShipment = Object.keys(anyOf).join() === 'shipmentNumber';
  expect(items.map((item) => item.events.length)).toEqual(
    Array(isShipment ? parcelsPerShipment : 1).fill(eventsPerUnit),
  );
  const readWhole = nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name']);
  // All organizations of this database fit into one page, which is read as it is.
  expect(readWhole.filter((name) => name !== 'organizations')).toEqual([]);
  expect(nodes.map((node) => node['Index Name'])).toContain('units_pkey');
});
