/**
 * Puts what delivery needs straight into the tables: an organization, units, events, endpoints,
 * subscriptions and deliveries, as the recording statement leaves them.
 */
import { createHash, randomFillSync } from 'node:crypto';
import { createSecrets } from '../../src/delivery/secrets.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { bucketOf, referenceKey } from '../../src/events/identifiers.ts';
import { parseInstant } from '../../src/events/time.ts';
import { createIdSource } from '../../src/lib/id.ts';
import type { Sealer } from '../../src/lib/seal.ts';
import type { Database } from '../../src/store/database.ts';
import type { RecordedDelivery } from '../../src/store/record/index.ts';
import { contentText, unitContentText } from '../../src/store/rows.ts';

export interface SeededSubscription {
  readonly id: string;
  readonly organization: string;
  readonly endpointId: string;
  readonly secret: string;
}

export interface DeliverySeed {
  readonly subscription: SeededSubscription;
  /** Reference of the unit; made when new. */
  readonly unit: string;
  /** As recorded while the subscription is paused. */
  readonly isHeld?: boolean;
}

export interface Seeds {
  readonly newId: (bucket: number) => string;
  readonly organization: () => Promise<string>;
  readonly subscription: (given: {
    url: string;
    dialect?: string;
    organization?: string;
    externalId?: string;
  }) => Promise<SeededSubscription>;
  readonly setState: (id: string, state: string) => Promise<void>;
  /** In one transaction; handed over are those that are not held. */
  readonly record: (seeds: readonly DeliverySeed[]) => Promise<RecordedDelivery[]>;
}

interface Unit {
  readonly id: string;
  readonly bucket: number;
  readonly reference: string;
}

const occurred = parseInstant('2026-11-20T10:00:00+01:00');

export function createSeeds(database: Database, sealer: Sealer): Seeds {
  const ids = createIdSource({ now: Date.now, random: (bytes) => randomFillSync(bytes) });
  const newId = (bucket: number) => ids.next(bucket);
  const secrets = createSecrets({ sealer });
  const units = new Map<string, Unit>();
  let owner: string | undefined;

  async function organization(): Promise<string> {
    const id = newId(0);
    await database.query('insert into organizations values ($1, $2, now())', [id, 'Seed']);
    return id;
  }

  async function ownerId(): Promise<string> {
    owner ??= await organization();
    return owner;
  }

  async function unitOf(reference: string): Promise<Unit> {
    const known = units.get(reference);
    if (known !== undefined) return known;
    const key = referenceKey(reference);
    const bucket = bucketOf(key);
    const unit = { id: newId(bucket), bucket, reference };
    units.set(reference, unit);
    const organizationId = await ownerId();
    await database.query(
      `insert into units (bucket, id, organization_id, reference, reference_key, freight_family,
         customs_flag, details, created_at, updated_at)
       values ($1, $2, $3, $4, $5, 'Container', 'Unknown', '{}', now(), now())`,
      [bucket, unit.id, organizationId, reference, key],
    );
    await database.query(`insert into unit_parties values ($1, $2, $3, 'owner', true)`, [
      bucket,
      unit.id,
      organizationId,
    ]);
    return unit;
  }

  return {
    newId,
    organization,
    async subscription({ url, dialect = 'plain', organization: given, externalId }) {
      const organizationId = given ?? (await ownerId());
      const id = newId(0);
      const { secret, sealed } = secrets.issue(id);
      const [endpoint] = await database.query<{ id: string }>(
        `with made as (
           insert into endpoints values ($1, $2, $3, now())
           on conflict (organization_id, url) do nothing returning id
         ), counted as (
           insert into endpoint_positions select id, 0 from made
         )
         select id from made union all
         select id from endpoints where organization_id = $2 and url = $3`,
        [newId(0), organizationId, url],
      );
      if (endpoint === undefined) throw new Error('no endpoint');
      await database.query(
        `insert into subscriptions (id, organization_id, dialect, external_id, endpoint_id, url,
           state, filter, match_key, required_tags, settings, secret_sealed, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'active', '{}', '*', '{}', '{}', $7, now(), now())`,
        [id, organizationId, dialect, externalId ?? null, endpoint.id, url, sealed],
      );
      await database.query('insert into subscription_sequences values ($1, 0)', [id]);
      return { id, organization: organizationId, endpointId: endpoint.id, secret };
    },
    /** As the store's own update does it: the state and the due times in one transaction. */
    async setState(id, state) {
      await database.transaction(async () => {
        await database.query(
          `update subscriptions set state = $2, updated_at = clock_timestamp() where id = $1`,
          [id, state],
        );
        await database.query(
          `update deliveries set due_at = case when $2 = 'active' then now() else 'infinity' end,
             attempt_count = 0
           where subscription_id = $1`,
          [id, state],
        );
      });
    },
    async record(seeds) {
      const rows: (RecordedDelivery & { isHeld: boolean })[] = [];
      for (const seed of seeds) {
        const unit = await unitOf(seed.unit);
        rows.push(rowOf(seed, eventOf(newId(unit.bucket), unit, await ownerId()), unit.bucket));
      }
      return write(database, rows);
    },
  };
}

function eventOf(id: string, unit: Unit, organization: string): RecordedEvent {
  if (!occurred.ok) throw new Error(occurred.message);
  return {
    id,
    type: 'gated-out',
    classifier: 'actual',
    occurredAt: occurred.value,
    unit: {
      id: unit.id,
      reference: unit.reference,
      freightFamily: 'Container',
      customsFlag: 'Unknown',
      documents: [],
    },
    recordedAtMs: Date.now(),
    source: { organization, dialect: 'plain' },
  };
}

function rowOf(
  { subscription, isHeld = false }: DeliverySeed,
  event: RecordedEvent,
  bucket: number,
) {
  const hash = createHash('md5')
    .update(event.id + subscription.id)
    .digest('hex');
  const tail = `${hash.slice(0, 3)}-${hash.slice(3, 13)}${event.id.slice(34)}`;
  const { id: subscriptionId, endpointId } = subscription;
  const place = { bucket, id: `${event.id.slice(0, 19)}a${tail}`, endpointId, subscriptionId };
  return { ...place, position: 0, sequence: 0, event, isHeld };
}

async function write(
  database: Database,
  rows: readonly (RecordedDelivery & { isHeld: boolean })[],
): Promise<RecordedDelivery[]> {
  const numbered = await database.transaction(async () => {
    const withNumbers: (RecordedDelivery & { isHeld: boolean })[] = [];
    const positions = await takeNumbers(database, rows, {
      keyOf: (row) => row.endpointId,
      text: `update endpoint_positions set last_position = last_position + $2
        where endpoint_id = $1 returning last_position - $2::int as base`,
    });
    const sequences = await takeNumbers(database, rows, {
      keyOf: (row) => row.subscriptionId,
      text: `update subscription_sequences set last_sequence = last_sequence + $2
        where subscription_id = $1 returning last_sequence - $2::int as base`,
    });
    for (const row of rows) {
      const position = positions.next(row.endpointId);
      withNumbers.push({ ...row, position, sequence: sequences.next(row.subscriptionId) });
    }
    await insert(database, withNumbers);
    return withNumbers;
  });
  return numbered.filter((row) => !row.isHeld);
}

async function takeNumbers(
  database: Database,
  rows: readonly RecordedDelivery[],
  { keyOf, text }: { keyOf: (row: RecordedDelivery) => string; text: string },
) {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  const last = new Map<string, number>();
  for (const key of [...counts.keys()].sort()) {
    const [taken] = await database.query<{ base: number }>(text, [key, counts.get(key)]);
    last.set(key, taken?.base ?? 0);
  }
  return {
    next(key: string): number {
      const number = (last.get(key) ?? 0) + 1;
      last.set(key, number);
      return number;
    },
  };
}

async function insert(
  database: Database,
  rows: readonly (RecordedDelivery & { isHeld: boolean })[],
): Promise<void> {
  const json = JSON.stringify(
    rows.map(({ event, ...row }) => ({
      ...row,
      event: event.id,
      unit: event.unit.id,
      organization: event.source.organization,
      occurredAt: event.occurredAt.iso,
      content: JSON.parse(contentText(event, unitContentText(event.unit))),
    })),
  );
  await database.query(
    `with r as materialized (
       select * from json_to_recordset($1::json) as r (bucket smallint, id uuid, "endpointId" uuid,
         position bigint, "subscriptionId" uuid, sequence bigint, event uuid, unit uuid,
         organization uuid, "occurredAt" timestamptz, content jsonb, "isHeld" boolean)
     ), e as (
       insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
         organization_id, dialect, content, received)
       select bucket, event, unit, 'gated-out', 'actual', "occurredAt", now(), organization, 'plain',
         content, ''
       from r
     )
     insert into deliveries (bucket, id, endpoint_id, position, subscription_id, sequence, event_id,
       unit_id, due_at, attempt_count)
     select bucket, id, "endpointId", position, "subscriptionId", sequence, event, unit,
       case when "isHeld" then 'infinity' else now() end, 0
     from r`,
    [json],
  );
}
