// What is read from the hub's API and sent to it again is the same event: encode and decode keep
// every field that an event of this dialect has, whatever the event.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyEvent } from '../../../test/support/events.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { CANONICAL_FIELDS, type CanonicalField, fieldOf } from '../../events/fields.ts';
import { decodeEvent } from './decode-event.ts';
import { encodeEvent } from './encode.ts';
import { vocabulary } from './vocabulary.ts';

/** What the hub itself gives an event: nobody can send it. The unit is found by its names. */
const own: readonly CanonicalField[] = [
  'id',
  'recordedAt',
  'source.organization',
  'source.name',
  'source.dialect',
  'source.code',
  'unit.freightFamily',
  'unit.customsFlag',
  'unit.documents',
];

/** What a caller sends who has just read the event. */
function sentAgain(event: RecordedEvent): unknown {
  const { id, recordedAt, occurredAtUtc, source, ...members } = encodeEvent(event);
  return JSON.parse(JSON.stringify(members));
}

const asSent = (field: CanonicalField, value: unknown) => JSON.stringify([field, value]);

describe('encode and decode', () => {
  it('keep every field of every event', () => {
    const had = new Map<CanonicalField, number>();
    fc.assert(
      fc.property(anyEvent({ hub: ['gated-in'], soget: ['DIR'], parcels: ['013'] }), (event) => {
        const body = sentAgain(event);
        const received = JSON.stringify(body);
        const decoded = decodeEvent({ event: body, received, organization: undefined, vocabulary });
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.issues));
        const unit = { ...event.unit, ...decoded.draft.unit };
        const back: RecordedEvent = { ...event, ...factsOnly(decoded.draft), unit };
        for (const field of CANONICAL_FIELDS.filter((one) => !own.includes(one))) {
          const value = fieldOf(event, field);
          // As JSON, which knows no negative zero.
          expect(asSent(field, fieldOf(back, field))).toBe(asSent(field, value));
          if (value !== undefined) had.set(field, (had.get(field) ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
    // Each was there often enough to have been tried.
    const seldom = CANONICAL_FIELDS.filter(
      (field) => !own.includes(field) && (had.get(field) ?? 0) < 10,
    );
    expect(seldom).toEqual([]);
  });
});

/** With what is missing said to be missing, so that nothing of the first event shines through. */
function factsOnly(draft: object): Partial<RecordedEvent> {
  const none = Object.fromEntries(
    CANONICAL_FIELDS.map((field) => field.split('.')[0] ?? '')
      .filter((member) => !['id', 'unit', 'source', 'recordedAt'].includes(member))
      .map((member) => [member, undefined]),
  );
  const { source, received, unit, ...facts } = { source: 0, received: 0, unit: 0, ...draft };
  return { ...none, ...facts };
}
