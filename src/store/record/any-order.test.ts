// Passages never mix, in whatever order their bookings and events arrive, one by one or in batches.
//
// An event says where it belongs by SPI, by document, or by its time alone. Nobody could tell by time
// what belongs to a passage that is not booked, or of which nothing is known: so an event comes after
// its booking, and one that gives a time alone after the first event of each passage.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { EventDraft } from '../../events/event.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type Recorder } from './index.ts';

const numRuns = 60;
const startMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

let bench: StoreBench;
let recorder: Recorder;
let owner: Principal;
let lots = 0;
let spis = 0;

beforeAll(async () => {
  bench = await createStoreBench();
  const { database, nowMs, newId } = bench;
  const quiet = { handOver: () => undefined, logger: { error: () => undefined } };
  recorder = createRecorder({ database, nowMs, newId, ...quiet });
  owner = memberOf(await bench.organization());
});
afterAll(() => bench.drop());

type By = 'spi' | 'document' | 'time';

interface Happening {
  readonly by: By;
  /** Of the stay, by which happenings of a passage are told apart. */
  readonly hour: number;
  readonly type: 'gated-in' | 'shifted' | 'inspected' | 'departed';
  /** Where it stands in the order of arrival, as far as that is free. */
  readonly rank: number;
}

interface Stay {
  /** Days between the passage before and this one. */
  readonly pauseDays: number;
  readonly bookedRank: number;
  readonly first: Happening;
  readonly others: readonly Happening[];
}

const rank = fc.double({ min: 0, max: 1, noNaN: true });
const stay: fc.Arbitrary<Stay> = fc.record({
  pauseDays: fc.integer({ min: 1, max: 60 }),
  bookedRank: rank,
  first: fc.record({
    by: fc.constantFrom('spi' as const, 'document' as const),
    hour: fc.constant(0),
    type: fc.constant('gated-in' as const),
    rank,
  }),
  others: fc.uniqueArray(
    fc.record({
      by: fc.constantFrom<By>('spi', 'document', 'time', 'time'),
      hour: fc.integer({ min: 1, max: 20 * 24 }),
      type: fc.constantFrom('shifted' as const, 'inspected' as const),
      rank,
    }),
    { selector: ({ hour }) => hour, minLength: 1, maxLength: 5 },
  ),
});

interface Arrival {
  readonly passage: number;
  readonly rank: number;
  /** Absent: the booking. */
  readonly happening?: Happening;
  readonly atMs: number;
}

/** The last event of every stay but the first closes it: both kinds of end are there. */
function arrivalsOf(stays: readonly Stay[]): Arrival[] {
  let fromMs = startMs;
  return stays.flatMap(({ pauseDays, bookedRank, first, others }, passage) => {
    fromMs += pauseDays * dayMs;
    const last = Math.max(...others.map(({ hour }) => hour));
    const events = [first, ...others].map((happening) => {
      const closes = passage > 0 && happening.hour === last;
      return {
        passage,
        rank: happening.rank,
        happening: closes ? { ...happening, type: 'departed' as const } : happening,
        atMs: fromMs + happening.hour * 3_600_000,
      };
    });
    fromMs += last * 3_600_000;
    return [{ passage, rank: bookedRank, atMs: fromMs }, ...events];
  });
}

/** By rank, but each only when what it needs has come. */
function inOrder(arrivals: readonly Arrival[], passages: number): Arrival[] {
  const left = arrivals.toSorted((one, other) => one.rank - other.rank);
  const booked = new Set<number>();
  const begun = new Set<number>();
  const order: Arrival[] = [];
  const isPossible = ({ happening, passage }: Arrival) =>
    happening === undefined ||
    (booked.has(passage) && (happening.by !== 'time' || begun.size === passages));
  while (left.length > 0) {
    const [next] = left.splice(left.findIndex(isPossible), 1);
    if (next === undefined) throw new Error('no arrival is possible');
    if (next.happening === undefined) booked.add(next.passage);
    if (next.happening?.hour === 0) begun.add(next.passage);
    order.push(next);
  }
  return order;
}

interface Named {
  readonly reference: string;
  readonly spis: readonly string[];
}

const bookingOf = (passage: number) => ({ type: 'booking', reference: `B${passage}` }) as const;

function draftOf({ passage, happening, atMs }: Arrival, { reference, spis }: Named): EventDraft {
  const { by, type } = happening ?? { by: 'time', type: 'shifted' };
  return {
    unit: by === 'spi' ? { spi: spis[passage] ?? '' } : { reference },
    ...(by === 'document' ? { documents: [bookingOf(passage)] } : {}),
    type,
    classifier: 'actual',
    occurredAt: timeOf(new Date(atMs).toISOString()),
    // Tells the test, not the hub, where it belongs.
    message: `passage ${passage}`,
    source: { dialect: 'hub' },
    received: '{}',
  };
}

async function book({ passage }: Arrival, { reference, spis }: Named): Promise<void> {
  const spi = spis[passage] ?? '';
  const { created } = await createUnits(bench).put(owner, {
    ...{ reference, spi, freightFamily: 'Container' },
    documents: [bookingOf(passage)],
  });
  expect(created).toBe(true);
}

const landed = `select u.spi, e.content ->> 'message' as told from events e
  join units u on u.bucket = e.bucket and u.id = e.unit_id where u.reference = $1`;

it('never mixes passages', async () => {
  const batches = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 20, maxLength: 20 });
  const stays = fc.array(stay, { minLength: 2, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(stays, batches, async (visits, sizes) => {
      lots += 1;
      const named = {
        reference: `LOT-${lots}`,
        spis: visits.map(() => `ANY${String(++spis).padStart(10, '0')}`),
      };
      const left = [...sizes];
      let batch: EventDraft[] = [];
      const send = async () => {
        const results = await recorder.record(owner, batch);
        expect(results.map(({ status }) => status)).toEqual(batch.map(() => 'recorded'));
        batch = [];
      };
      const order = inOrder(arrivalsOf(visits), visits.length);
      for (const arrival of order) {
        if (arrival.happening === undefined) {
          await send();
          await book(arrival, named);
        } else {
          batch.push(draftOf(arrival, named));
          if (batch.length >= (left[0] ?? 1)) {
            left.shift();
            await send();
          }
        }
      }
      await send();
      const rows = await bench.database.query<{ spi: string; told: string }>(landed, [
        named.reference,
      ]);
      expect(rows).toHaveLength(order.length - visits.length);
      for (const { spi, told } of rows) {
        expect([spi, told]).toEqual([spi, `passage ${named.spis.indexOf(spi)}`]);
      }
    }),
    { numRuns },
  );
});
