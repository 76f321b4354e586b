// The plans of the reading statements on tables that are large enough for the planner to care: no
// table of units or events is read from end to end. What is explained is what the store sends.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  unknownId,
} from '../../test/support/store.ts';
import type { Principal } from '../dialects/dialect.ts';
import { bucketOf } from '../events/identifiers.ts';
import type { SubscriptionFilter } from '../events/subscription.ts';
import { FREIGHT_FAMILIES } from '../events/types.ts';
import type { Database } from './database.ts';
import { createEvents } from './events/index.ts';
import { ensurePartitions } from './partitions.ts';
import { readPastEvents } from './subscriptions/past-events.ts';
import { createUnits } from './units/index.ts';
import { readUnknownCodes } from './vocabulary/unknown-codes.ts';

const unitCount = 12_000;
const eventsPerUnit = 4;
const ownerCount = 40;

let bench: StoreBench;
let shipper: Principal;
let port: Principal;
let someUnit = '';
let someEvent = '';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const insertUnits = `insert into units (bucket, id, organization_id, reference, reference_key, spi,
    freight_family, customs_flag, details, created_at, updated_at)
  select b, id, owner, ref, ref, spi, 'Container', 'Unknown', '{}', now(), now()
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) u (b, id, owner, ref, spi)`;
const insertParties = `insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
  select bucket, id, organization_id, 'owner', true from units
  union all select bucket, id, $1::uuid, 'port', true from units`;
const insertDocuments = `insert into unit_documents (bucket, unit_id, type, reference)
  select bucket, id, 'booking', 'BK-' || reference from units`;
const insertVersions = `insert into unit_versions (bucket, unit_id, recorded_at, number, content)
  select bucket, id, created_at, 1, jsonb_build_object('reference', reference, 'spi', spi,
    'documents', jsonb_build_array(jsonb_build_object('type', 'booking',
      'reference', 'BK-' || reference))) from units`;
const insertEvents = `insert into events (bucket, id, unit_id, type, classifier, occurred_at,
    recorded_at, organization_id, dialect, content, received)
  select b, e.id, unit, 'gated-in', 'actual', $4::timestamptz, $4, unit, 'hub',
    jsonb_build_object('occurredAt', jsonb_build_object('iso', $4::text),
      'unit', jsonb_build_object('reference', u.reference, 'spi', u.spi, 'documents', '[]'::jsonb
        || jsonb_build_object('type', 'booking', 'reference', 'BK-' || u.reference))), '{}'
  from unnest($1::smallint[], $2::uuid[], $3::uuid[]) e (b, id, unit)
  join units u on u.bucket = b and u.id = unit`;
const insertDeliveries = `insert into deliveries (bucket, id, endpoint_id, position, subscription_id,
    sequence, event_id, unit_id, due_at, attempt_count)
  select bucket, id, unit_id, 1, unit_id, 1, id, unit_id, recorded_at, 0 from events`;

beforeAll(async () => {
  bench = await createStoreBench();
  const { database, newId } = bench;
  const owners: string[] = [];
  for (let at = 0; at < ownerCount; at++) owners.push(await bench.organization());
  shipper = memberOf(owners[0] ?? '');
  const portId = await bench.organization();
  port = memberOf(portId);
  await ensurePartitions({ database, nowMs: bench.nowMs, monthsAhead: 2 });
  const units = Array.from({ length: unitCount }, (_, at) => {
    const reference = `LOT-${at}`;
    const bucket = bucketOf(reference);
    const spi = `CNI${String(at).padStart(10, '0')}`;
    return { bucket, id: newId(bucket), owner: owners[at % ownerCount], reference, spi };
  });
  await database.query(insertUnits, [
    units.map((unit) => unit.bucket),
    units.map((unit) => unit.id),
    units.map((unit) => unit.owner),
    units.map((unit) => unit.reference),
    units.map((unit) => unit.spi),
  ]);
  await database.query(insertParties, [portId]);
  await database.query(insertDocuments);
  await database.query(insertVersions);
  // From this month into the two ahead, so that no partition but the default one is empty.
  for (let turn = 0; turn < eventsPerUnit; turn++) {
    const now = new Date(bench.clock.nowMs).toISOString();
    const ids = units.map((unit) => newId(unit.bucket));
    const ofUnits = units.map((unit) => unit.id);
    await database.query(insertEvents, [units.map((unit) => unit.bucket), ids, ofUnits, now]);
    someEvent = ids[0] ?? '';
    bench.clock.nowMs += 20 * 86_400_000;
  }
  someUnit = units[0]?.id ?? '';
  await database.query(insertDeliveries);
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

/** Relations that are read whole; the default partition is empty here, and may be. */
function readWhole(nodes: readonly PlanNode[]): string[] {
  return nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '')
    .filter((name) => !/_default$/.test(name));
}

const page = { limit: 50 };
const trace = { families: FREIGHT_FAMILIES, descending: true, limit: 5, offset: 0, eventsMax: 100 };
type Run = (database: Database, asker: Principal) => Promise<unknown>;

const questions: Record<string, Run> = {
  'units.get': (database, asker) => createUnits({ ...bench, database }).get(asker, someUnit),
  ...Object.fromEntries(
    [
      { id: '' },
      { reference: 'LOT-0' },
      { spi: 'CNI0000000000' },
      { document: 'BK-LOT-0' },
      { reference: 'LOT-0', document: 'BK-LOT-0' },
      {},
    ].map((query): [string, Run] => [
      `units.find ${JSON.stringify(query)}`,
      (database, asker) => {
        const named = 'id' in query ? { id: someUnit } : query;
        return createUnits({ ...bench, database }).find(asker, named, page);
      },
    ]),
  ),
  'units.get as of a time': (database, asker) =>
    createUnits({ ...bench, database }).get(asker, someUnit, Date.now()),
  ...Object.fromEntries(
    [{ reference: 'LOT-0' }, { spi: 'CNI0000000000' }, { document: 'BK-LOT-0' }, {}].map(
      (query): [string, Run] => [
        `units.find ${JSON.stringify(query)} as of a time`,
        async (database, asker) => {
          const asOf = { ...query, asOfMs: Date.now() };
          const { items } = await createUnits({ ...bench, database }).find(asker, asOf, page);
          expect(items).not.toEqual([]);
        },
      ],
    ),
  ),
  'units.trace by reference': (database, asker) =>
    createUnits({ ...bench, database }).trace(asker, { ...trace, reference: 'LOT-0' }),
  'units.trace by spi': (database, asker) =>
    createUnits({ ...bench, database }).trace(asker, { ...trace, spi: 'CNI0000000000' }),
  'events.get': (database, asker) => createEvents({ database }).get(asker, someEvent),
  'events.list by unit': (database, asker) =>
    createEvents({ database }).list(asker, { unit: someUnit }, page),
  'events.list by reference': (database, asker) =>
    createEvents({ database }).list(asker, { unit: 'LOT-0' }, page),
  'events.list by spi': (database, asker) =>
    createEvents({ database }).list(asker, { unit: 'CNI0000000000' }, page),
  'unknown codes': (database) => readUnknownCodes(database, 'hub', () => false),
};

const wishes: SubscriptionFilter[] = [
  { reference: 'LOT-0' },
  { spi: 'CNI0000000000' },
  { document: 'BK-LOT-0' },
  { types: ['gated-in'] },
];

describe.each(wishes)('past events by %j', (filter) => {
  it.each([
    ['an owner of few units', () => shipper],
    ['a party of all units', () => port],
  ])('reads no table whole, for %s', async (_who, asker) => {
    const { database, nodes } = explaining();
    const { organization = '' } = asker();
    const wish = { subscriptionId: unknownId(), organization, dialect: 'hub', filter, sinceMs: 0 };
    expect(await readPastEvents({ database }, wish, 100_000)).not.toEqual([]);
    expect(readWhole(nodes)).toEqual([]);
  });
});

describe.each(Object.entries(questions))('%s', (_name, run) => {
  it.each([
    ['an owner of few units', () => shipper],
    ['a party of all units', () => port],
    ['the operator', () => operator],
  ])('reads no table whole, for %s', async (_who, asker) => {
    const { database, nodes } = explaining();
    await run(database, asker());
    expect(nodes.length).toBeGreaterThan(0);
    expect(readWhole(nodes)).toEqual([]);
  });
});

describe('events.list without a unit', () => {
  it('reads the units of an owner by its index, and their events by theirs', async () => {
    const { database, nodes } = explaining();
    await createEvents({ database }).list(shipper, {}, page);
    expect(readWhole(nodes)).toEqual([]);
    const indexes = nodes.map((node) => node['Index Name']);
    expect(indexes).toContain('unit_parties_by_organization');
  });

  it('reads events by index even for a party of all units', async () => {
    const { database, nodes } = explaining();
    await createEvents({ database }).list(port, { recordedFromMs: 0 }, page);
    expect(readWhole(nodes).filter((name) => name.startsWith('events'))).toEqual([]);
  });
});
