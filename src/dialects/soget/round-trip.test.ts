// SOGET's callers read an event back from what they are told: every field that the two forms have is
// there with its value, for every event. The reader here knows the published names and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyEvent } from '../../../test/support/events.ts';
import { directionOf, type RecordedEvent } from '../../events/event.ts';
import { encodeHandlingUnit, encodeWebhook } from './encode.ts';
import { vocabulary } from './vocabulary.ts';

const events = anyEvent({ hub: ['gated-in'], soget: ['DIR', 'GIR'], terminal: ['shiftCell'] }).map(
  (event): RecordedEvent => ({ ...event, classifier: 'actual' }),
);
const subscription = { id: '', url: '', dialect: 'soget', settings: { externalReference: 'X' } };

/** An instant with its offset, to the digits that are printed. */
function timeOf(text: string): { epochMs: number; offsetMinutes: number } {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  return { epochMs: Date.parse(text), offsetMinutes: sign === '-' ? -offset : offset };
}

/** The source's own SOGET code, else the hub's word: nothing else is published to be read. */
const typeOf = ({ codes, source, type }: RecordedEvent) =>
  codes?.['soget'] ?? (source.dialect === 'soget' ? source.code : undefined) ?? type;

/** Both words of a domestic direction; `Unknown` stands for none, and for domestic alone. */
const directions: Readonly<Record<string, readonly [string?, string?]>> = {
  Import: ['import'],
  Export: ['export'],
  Transit: ['transit'],
  Transhipment: ['transhipment'],
  DomesticIn: ['domestic', 'in'],
  DomesticOut: ['domestic', 'out'],
  Unknown: [],
};

function expectedDirection({ unit, ...event }: RecordedEvent): readonly [string?, string?] {
  const direction = directionOf(event, unit.customsFlag);
  if (direction !== 'domestic') return direction === undefined ? [] : [direction];
  return event.way === undefined ? [] : [direction, event.way];
}

describe('a webhook', () => {
  it('can be read back', () => {
    fc.assert(
      fc.property(events, (event) => {
        const told = encodeWebhook({ event, subscription, vocabulary });
        const { HandlingUnit } = JSON.parse(JSON.stringify(told));
        const [alert] = HandlingUnit.Events;
        const { epochMs, offsetMinutes } = event.occurredAt;
        const wholeMs = Math.floor(epochMs / 1_000) * 1_000;
        expect(timeOf(alert.AlertDate)).toEqual({ epochMs: wholeMs, offsetMinutes });
        expect(alert.Type).toBe(typeOf(event));
        expect(directions[alert.Direction]).toEqual(expectedDirection(event));
        expect(alert.Location).toBe(event.place?.location ?? event.place?.unlocode ?? null);
        expect(alert.State === 'Inactive').toBe(event.retracts !== undefined);
        expect(alert.AlertType === 'Creation').toBe(
          event.retracts === undefined && event.replaces === undefined,
        );
        const { FreightFamily, Reference, Spi, ExternalReference } = HandlingUnit;
        const { freightFamily, reference, spi } = event.unit;
        expect([FreightFamily, Reference, Spi]).toEqual([freightFamily, reference, spi ?? null]);
        expect(ExternalReference).toBe('X');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a traced event', () => {
  it('can be read back', () => {
    fc.assert(
      fc.property(events, (event) => {
        const times = { createdAtMs: 0, updatedAtMs: 0 };
        const rest = { organization: 'o', parties: [], details: {}, ...times };
        const unit = { ...event.unit, ...rest };
        const told = encodeHandlingUnit({ unit, events: [event] }, vocabulary);
        const shown = JSON.parse(JSON.stringify(told));
        if (event.retracts !== undefined) return void expect(shown.events).toEqual([]);
        const [read] = shown.events;
        const { epochMs, offsetMinutes } = event.occurredAt;
        expect(timeOf(read.eventDate)).toEqual({ epochMs, offsetMinutes });
        expect(read.eventType).toBe(typeOf(event));
        expect(read.eventTransportMode).toBe(event.mode);
        expect({ In: 'in', Out: 'out' }[String(read.eventWay)]).toBe(event.way);
        const { place } = event;
        expect(read.eventPlace).toBe(place?.unlocode ?? null);
        expect(read.eventLocation).toBe(place?.location ?? null);
        expect(shown.indicators.empty).toBe(event.full === undefined ? undefined : !event.full);
        expect(shown.customsFlag).toBe(event.unit.customsFlag);
        expect(shown.pswId).toBe(event.unit.spi ?? null);
      }),
      { numRuns: 500 },
    );
  });
});
