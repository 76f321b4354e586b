// The list of an event's members against events that have them all: nothing is forgotten.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyDonor } from '../../test/support/events.ts';
import type { RecordedEvent } from './event.ts';
import { CANONICAL_FIELDS, fieldOf } from './fields.ts';

/** Members of an object within the event are listed apart; lists and codes as one. */
const inParts = new Set(['place', 'vehicle', 'source', 'unit']);
const calledOtherwise: Readonly<Record<string, readonly string[]>> = {
  recordedAtMs: ['recordedAt'],
  sourceName: ['source.name'],
  occurredAt: ['occurredAt', 'occurredAt.offset', 'occurredAt.precision'],
};

function membersOf(event: RecordedEvent): string[] {
  return Object.entries(event).flatMap(([member, value]) => {
    if (!inParts.has(member)) return calledOtherwise[member] ?? [member];
    return Object.keys(value as object).map((inner) => `${member}.${inner}`);
  });
}

it('lists every member of an event, and reads it', () => {
  fc.assert(
    fc.property(anyDonor({ hub: ['gated-in'] }), (event) => {
      expect(membersOf(event).sort()).toEqual([...CANONICAL_FIELDS].sort());
      for (const field of CANONICAL_FIELDS) expect(fieldOf(event, field)).toBeDefined();
    }),
  );
});

it('takes an empty list for nothing', () => {
  const bare = { documents: [], codes: {}, unit: { documents: [] } } as unknown as RecordedEvent;
  for (const field of ['documents', 'codes', 'unit.documents'] as const) {
    expect(fieldOf(bare, field)).toBeUndefined();
  }
});
