// What is written is what is read: an event survives the database whole, whatever it holds.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreBench, type StoreBench, timeOf } from '../../test/support/store.ts';
import type { EventFacts, RecordedEvent, UnitSnapshot } from '../events/event.ts';
import { formatWithOffset } from '../events/time.ts';
import {
  CLASSIFIERS,
  CUSTOMS_FLAGS,
  DIRECTIONS,
  DOCUMENT_TYPES,
  EVENT_TYPES,
  FREIGHT_FAMILIES,
  WAYS,
} from '../events/types.ts';
import { findBadText } from '../lib/text.ts';
import { contentText, type EventRow, eventColumns, eventFromRow, unitContentText } from './rows.ts';

let bench: StoreBench;
beforeAll(async () => {
  bench = await createStoreBench();
});
afterAll(() => bench.drop());

const text = fc
  .string({ unit: 'binary', maxLength: 30 })
  .filter((candidate) => findBadText(candidate) === undefined);
const uuid = fc.uuid({ version: 7 });
// JSON has no -0: it reads back as 0, the same number.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const documents = fc.array(
  fc.record(
    { type: fc.constantFrom(...DOCUMENT_TYPES), reference: text },
    { noNullPrototype: true },
  ),
  { maxLength: 3 },
);
const time = fc
  .record({
    epochMs: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) - 1 }),
    offsetMinutes: fc.integer({ min: -1080, max: 1080 }),
    finer: fc.stringMatching(/^[0-9]{0,6}$/),
  })
  .map(({ finer, ...instant }) =>
    timeOf(formatWithOffset({ ...instant, fractionDigits: 3 }).replace(/(\.\d{3})/, `$1${finer}`)),
  );

const facts: fc.Arbitrary<EventFacts> = fc.record(
  {
    type: fc.constantFrom(...EVENT_TYPES),
    classifier: fc.constantFrom(...CLASSIFIERS),
    occurredAt: time,
    mode: fc.nat(99),
    direction: fc.constantFrom(...DIRECTIONS),
    way: fc.constantFrom(...WAYS),
    place: fc.record(
      { unlocode: text, location: text, name: text, latitude: number, longitude: number },
      { requiredKeys: [], noNullPrototype: true },
    ),
    vehicle: fc.record(
      { id: text, name: text, voyage: text },
      { requiredKeys: [], noNullPrototype: true },
    ),
    full: fc.boolean(),
    documents,
    message: text,
    additionalInfo: text,
    channel: text,
    codes: fc.dictionary(text, text, { noNullPrototype: true }),
    replaces: uuid,
    retracts: uuid,
  },
  { requiredKeys: ['type', 'classifier', 'occurredAt'], noNullPrototype: true },
);

const snapshot: fc.Arbitrary<UnitSnapshot> = fc.record(
  {
    id: uuid,
    reference: text,
    spi: text,
    freightFamily: fc.constantFrom(...FREIGHT_FAMILIES),
    customsFlag: fc.constantFrom(...CUSTOMS_FLAGS),
    documents,
  },
  {
    requiredKeys: ['id', 'reference', 'freightFamily', 'customsFlag', 'documents'],
    noNullPrototype: true,
  },
);

async function read(id: string): Promise<RecordedEvent> {
  const [row] = await bench.database.query<EventRow>(
    `select ${eventColumns('e')} from events e where e.id = $1`,
    [id],
  );
  if (row === undefined) throw new Error('not written');
  return eventFromRow(row);
}

describe('an event', () => {
  it('comes back as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          facts,
          unit: snapshot,
          organization: uuid,
          dialect: text,
          code: fc.option(text, { nil: undefined }),
        }),
        async ({ facts: told, unit, organization, dialect, code }) => {
          const given = { unit, organization, dialect, facts: told };
          const id = await bench.event(code === undefined ? given : { ...given, code });
          const source = { organization, dialect };
          expect(await read(id)).toStrictEqual({
            ...told,
            id,
            unit,
            recordedAtMs: bench.clock.nowMs,
            source: code === undefined ? source : { ...source, code },
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds nothing undefined, even when it was told so', () => {
    const unit: UnitSnapshot = {
      id: 'a',
      reference: 'b',
      freightFamily: 'Parcel',
      customsFlag: 'Unknown',
      documents: [],
    };
    const text = contentText(
      { type: 'lost', classifier: 'actual', occurredAt: timeOf('2026-11-20T12:00Z') },
      unitContentText(unit),
    );
    const content: object = JSON.parse(text);
    expect(Object.keys(content)).toEqual(['occurredAt', 'unit']);
    expect(content).toMatchObject({ unit: { reference: 'b', documents: [] } });
    expect(text).not.toContain('"id"');
  });

  it('takes no more than the facts from a draft', () => {
    const draft = {
      type: 'lost',
      classifier: 'actual',
      occurredAt: timeOf('2026-11-20T12:00Z'),
      source: { dialect: 'hub' },
      received: 'secret',
    } as const;
    const unit: UnitSnapshot = {
      id: 'a',
      reference: 'b',
      freightFamily: 'Parcel',
      customsFlag: 'Unknown',
      documents: [],
    };
    expect(contentText(draft, unitContentText(unit, 'us'))).not.toContain('secret');
  });
});
