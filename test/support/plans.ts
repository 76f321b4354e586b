/**
 * A database large enough for the planner to care, and a look at the plans of what the store sends
 * to it: no hot table may be read from end to end. Shared by the tests of plans beside the store.
 */
import type { Principal } from '../../src/dialects/dialect.ts';
import { bucketOf } from '../../src/events/identifiers.ts';
import type { Database } from '../../src/store/database.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { createStoreBench, memberOf, type StoreBench } from './store.ts';

/** Containers `LOT-0` and on, then parcels `P-0` and on, three of these in each shipment. */
const containerCount = 9_000;
const parcelCount = 6_000;
export const parcelsPerShipment = 3;
export const eventsPerUnit = 4;
const ownerCount = 40;
const otherOrganizationCount = 20_000;
const turnMs = 20 * 86_400_000;

export interface PlansBench extends StoreBench {
  /** Owner of few containers, and of the subscription of `LOT-0`. */
  readonly shipper: Principal;
  /** Owner of all parcels. */
  readonly shop: Principal;
  /** A party of all units. */
  readonly port: Principal;
  /** Id of the unit `LOT-0`; that of its subscription and of its endpoint too. */
  readonly someUnit: string;
  /** Its newest event. */
  readonly someEvent: string;
}

const insertUnits = `insert into units (bucket, id, organization_id, reference, reference_key, spi,
    freight_family, customs_flag, details, created_at, updated_at)
  select b, id, owner, ref, ref, spi, family, 'Unknown', '{}', now(), now()
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[])
    u (b, id, owner, ref, spi, family)`;
const insertParties = `insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
  select bucket, id, organization_id, 'owner', true from units
  union all select bucket, id, $1::uuid, 'port', true from units`;
const numberedParcels = `select bucket, id, reference,
  (row_number() over (order by id) - 1) / ${parcelsPerShipment} as shipment
  from units where freight_family = 'Parcel'`;
const fill = [
  `insert into unit_aliases (bucket, unit_id, kind, value)
   select bucket, id, 'shipment-number', 'S-' || shipment from (${numberedParcels})
   union all select bucket, id, 'return-code', 'R-' || reference from (${numberedParcels})`,
  `insert into unit_documents (bucket, unit_id, type, reference)
   select bucket, id, 'booking', 'BK-' || reference from units
   union all select bucket, id, 'consignment', 'C-' || shipment from (${numberedParcels})`,
  `insert into unit_versions (bucket, unit_id, recorded_at, number, content)
   select bucket, id, created_at, 1, jsonb_build_object('reference', reference, 'spi', spi,
     'documents', jsonb_build_array(jsonb_build_object('type', 'booking',
       'reference', 'BK-' || reference))) from units`,
  `insert into reference_versions (bucket, reference_key, version)
   select distinct bucket, reference_key, 1 from units`,
  `insert into passage_summaries (bucket, unit_id, first_at, last_at, has_closed)
   select bucket, id, created_at - interval '2 years', created_at - interval '2 years', true from units`,
  // One subscription for each container, whose id it shares.
  `insert into endpoints (id, organization_id, url, created_at)
   select id, organization_id, 'https://receiver.example/' || id, now()
   from units where freight_family = 'Container'`,
  `insert into endpoint_positions (endpoint_id, last_position)
   select id, ${eventsPerUnit} from endpoints`,
  `insert into subscriptions (id, organization_id, dialect, endpoint_id, url, state, filter, match_key,
     required_tags, settings, same_as_sha256, secret_sealed, created_at, updated_at)
   select u.id, u.organization_id, 'hub', u.id, e.url, 'active',
     jsonb_build_object('reference', u.reference), 'reference:' || u.reference, '{}', '{}',
     sha256(u.id::text::bytea), 'sealed', now(), now()
   from units u join endpoints e on e.id = u.id`,
  `insert into subscription_sequences (subscription_id, last_sequence)
   select id, ${eventsPerUnit} from subscriptions`,
  // Organizations that have nothing to do with these units.
  `insert into organizations (id, name, created_at)
   select gen_random_uuid(), 'other', now() from generate_series(1, ${otherOrganizationCount})`,
  `insert into subscription_versions (organization_id, version)
   select id, 1 from organizations on conflict do nothing`,
];
const insertEvents = `insert into events (bucket, id, unit_id, type, classifier, occurred_at,
    recorded_at, organization_id, dialect, content, received)
  select b, e.id, unit, 'gated-in', 'actual', $4::timestamptz, $4, u.organization_id, 'hub',
    jsonb_build_object('occurredAt', jsonb_build_object('iso', $4::text),
      'unit', jsonb_build_object('reference', u.reference, 'spi', u.spi, 'documents', '[]'::jsonb
        || jsonb_build_object('type', 'booking', 'reference', 'BK-' || u.reference))), '{}'
  from unnest($1::smallint[], $2::uuid[], $3::uuid[]) e (b, id, unit)
  join units u on u.bucket = b and u.id = unit`;
/** The older events of containers were told, the newest wait. An event's id is its delivery's. */
const spread = [
  `insert into event_keys (bucket, key, event_id) select bucket, id, id from events`,
  `create temporary table told on commit drop as
   select e.bucket, e.id, e.unit_id, e.recorded_at,
     row_number() over (partition by e.unit_id order by e.id) as sequence
   from events e join subscriptions s on s.id = e.unit_id`,
  `insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
     unit_id, due_at, attempt_count)
   select bucket, id, unit_id, sequence, unit_id, sequence, id, unit_id, recorded_at, 0
   from told where sequence = ${eventsPerUnit}`,
  `insert into deliveries_done (bucket, id, subscription_id, sequence, event_id, unit_id, state,
     attempt_count, finished_at)
   select bucket, id, unit_id, sequence, id, unit_id, 'delivered', 1, recorded_at
   from told where sequence < ${eventsPerUnit}`,
  `insert into attempts (bucket, delivery_id, number, at, outcome, status, duration_ms)
   select bucket, id, 1, recorded_at, 'delivered', 200, 5 from told`,
];

interface Made {
  readonly bucket: number;
  readonly id: string;
  readonly owner: string;
  readonly reference: string;
  readonly spi: string | null;
  readonly family: 'Container' | 'Parcel';
}

function makeUnits({ newId }: StoreBench, owners: readonly string[]): Made[] {
  return Array.from({ length: containerCount + parcelCount }, (_, at): Made => {
    const isParcel = at >= containerCount;
    const reference = isParcel ? `P-${at - containerCount}` : `LOT-${at}`;
    const bucket = bucketOf(reference);
    return {
      ...{ bucket, id: newId(bucket), reference },
      owner: owners[isParcel ? 1 : at % ownerCount] ?? '',
      spi: isParcel ? null : `CNI${String(at).padStart(10, '0')}`,
      family: isParcel ? 'Parcel' : 'Container',
    };
  });
}

export async function createPlansBench(): Promise<PlansBench> {
  const bench = await createStoreBench();
  const { database, newId } = bench;
  const owners: string[] = [];
  for (let at = 0; at < ownerCount; at++) owners.push(await bench.organization());
  const port = await bench.organization();
  await ensurePartitions({ database, nowMs: bench.nowMs, monthsAhead: 2 });
  const units = makeUnits(bench, owners);
  const column = <K extends keyof Made>(name: K) => units.map((unit) => unit[name]);
  await database.query(insertUnits, [
    ...[column('bucket'), column('id'), column('owner'), column('reference')],
    ...[column('spi'), column('family')],
  ]);
  await database.query(insertParties, [port]);
  for (const statement of fill) await database.query(statement);
  let someEvent = '';
  // From this month into the two ahead, so that no partition but the default one is empty.
  for (let turn = 0; turn < eventsPerUnit; turn++) {
    const now = new Date(bench.clock.nowMs).toISOString();
    const ids = units.map((unit) => newId(unit.bucket));
    await database.query(insertEvents, [column('bucket'), ids, column('id'), now]);
    someEvent = ids[0] ?? '';
    bench.clock.nowMs += turnMs;
  }
  await database.transaction(async () => {
    for (const statement of spread) await database.query(statement);
  });
  await database.query('analyze');
  return {
    ...bench,
    shipper: memberOf(owners[0] ?? ''),
    shop: memberOf(owners[1] ?? ''),
    port: memberOf(port),
    someUnit: units[0]?.id ?? '',
    someEvent,
  };
}

/* ---- plans ------------------------------------------------------------------------------------ */

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface Explaining {
  /** Runs statements as ever, and keeps the plan of each. */
  readonly database: Database;
  /** How many plans there are so far. */
  readonly plans: () => number;
  /** Names of the statements that were run. */
  readonly statements: () => string[];
  /** Relations that are read whole in one of them. */
  readonly readWhole: () => string[];
  readonly indexes: () => string[];
}

/**
 * Empty here, or as small as the number of processes, of partners or of buckets, and so read at once:
 * the default partitions, what is known of processes, organizations.
 */
const small = /_default$|^(organizations|processes|bucket_leases|subscription_failures)$/;

/**
 * A statement with a name, or of a family, is planned twice: for its values, and for any, as PostgreSQL may when it
 * has been used some times.
 */
export function explaining({ database: real }: Pick<StoreBench, 'database'>): Explaining {
  const nodes: PlanNode[] = [];
  const names: string[] = [];
  let plans = 0;
  const collect = (node: PlanNode) => {
    nodes.push(node);
    for (const child of node.Plans ?? []) collect(child);
  };
  const explain = async (options: string, text: string, values?: readonly unknown[]) => {
    const statement = `explain (format json${options}) ${text}`;
    const [row] = await real.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(statement, values);
    if (row === undefined) throw new Error('no plan');
    collect(row['QUERY PLAN'][0].Plan);
    plans += 1;
  };
  const explained =
    (query: Database['query']): Database['query'] =>
    async (statement, values) => {
      const { text, ...named } = typeof statement === 'string' ? { text: statement } : statement;
      names.push(named.name ?? '');
      const isPrepared = (named.name ?? named.family) !== undefined;
      await explain('', text, values);
      if (isPrepared && (values ?? []).length > 0) await explain(', generic_plan', text);
      return query(statement, values);
    };
  const database: Database = {
    ...real,
    query: explained(real.query),
    queryInOrder: explained(real.queryInOrder),
  };
  return {
    database,
    plans: () => plans,
    statements: () => names,
    readWhole: () =>
      nodes
        .filter((node) => node['Node Type'] === 'Seq Scan')
        .map((node) => node['Relation Name'] ?? '')
        .filter((name) => !small.test(name)),
    indexes: () => nodes.flatMap((node) => node['Index Name'] ?? []),
  };
}
