/**
 * Random canonical events, and the same event with one member changed: for what must hold of every
 * event. `codes` are the partners' codes by dialect that the events are told in.
 */
import fc from 'fast-check';
import type { RecordedEvent } from '../../src/events/event.ts';
import { type CanonicalField, fieldOf } from '../../src/events/fields.ts';
import { formatWithOffset, type OriginalTime, parseInstant } from '../../src/events/time.ts';
import {
  CLASSIFIERS,
  CUSTOMS_FLAGS,
  DIRECTIONS,
  DOCUMENT_TYPES,
  EVENT_TYPES,
  type EventType,
  FREIGHT_FAMILIES,
  WAYS,
} from '../../src/events/types.ts';
import { present, presentAny } from '../../src/lib/present.ts';

export type CodesByDialect = Readonly<Record<string, readonly string[]>>;

/* ---- times ------------------------------------------------------------------------------------- */

interface TimeParts {
  readonly epochSec: number;
  readonly offsetMinutes: number;
  /** Digits behind the second, or that even the second is not told. */
  readonly detail: string | 'minute';
}

/** An instant as it is told: to the minute, to the second, or with a fraction. */
function timeFrom({ epochSec, offsetMinutes, detail }: TimeParts): OriginalTime {
  const toMinute = detail === 'minute';
  const wholeSec = toMinute ? epochSec - (epochSec % 60) : epochSec;
  const text = formatWithOffset({ epochMs: wholeSec * 1_000, offsetMinutes, fractionDigits: 0 });
  const clock = toMinute ? text.slice(0, 16) : text.slice(0, 19);
  const fraction = toMinute || detail === '' ? '' : `.${detail}`;
  const parsed = parseInstant(`${clock}${fraction}${text.slice(19)}`);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

function partsOf({ text, epochMs, offsetMinutes, precision }: OriginalTime): TimeParts {
  const detail = precision === 'minute' ? precision : (/\.(\d+)/.exec(text)?.[1] ?? '');
  return { epochSec: Math.floor(epochMs / 1_000), offsetMinutes, detail };
}

const anyTime: fc.Arbitrary<OriginalTime> = fc
  .record({
    epochSec: fc.integer({ min: 1_500_000_000, max: 1_900_000_000 }),
    offsetMinutes: fc.constantFrom(0, 60, 120, -300, 330),
    detail: fc.oneof(
      fc.constantFrom('minute', '', '500000'),
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 6 }),
    ),
  })
  .map(timeFrom);

/* ---- events ------------------------------------------------------------------------------------ */

const textOf = (characters: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const word = (charactersMax: number) => textOf(`${letters}abcæøåéü0189-🚢`, 1, charactersMax);
const upper = (charactersMax: number) => textOf(`${letters}0123456789`, 1, charactersMax);
const threeDigits = textOf('0123456789', 3);
/** Half of the events are of the kinds that most partners have a word for. */
const type = fc.oneof(
  fc.constantFrom(...EVENT_TYPES),
  fc.constantFrom<EventType>('gated-in', 'gated-out', 'loaded', 'discharged', 'delivered'),
);
const documents = fc.array(
  fc.record({ type: fc.constantFrom(...DOCUMENT_TYPES), reference: upper(12) }),
  { minLength: 1, maxLength: 3 },
);

/** An event that has every member but `replaces` and `retracts`, which no event has both. */
function fullEvent(codes: CodesByDialect): fc.Arbitrary<RecordedEvent> {
  const dialects = Object.keys(codes);
  const codeOf = (dialect: string) =>
    fc.oneof(fc.constantFrom(...(codes[dialect] ?? [])), threeDigits, word(8));
  return fc.record({
    id: fc.uuid(),
    type,
    classifier: fc.oneof(
      { weight: 4, arbitrary: fc.constant('actual' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...CLASSIFIERS) },
    ),
    occurredAt: anyTime,
    recordedAtMs: fc.integer({ min: 1.6e12, max: 1.9e12 }),
    mode: fc.oneof(fc.constantFrom(1, 2, 3, 8), fc.integer({ min: 0, max: 99 })),
    direction: fc.constantFrom(...DIRECTIONS),
    way: fc.constantFrom(...WAYS),
    place: fc.record({
      unlocode: textOf(letters, 5),
      location: fc.oneof(upper(10), word(35)),
      name: word(60),
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    }),
    vehicle: fc.record({ id: word(20), name: word(30), voyage: word(20) }),
    full: fc.boolean(),
    documents,
    message: fc.oneof(word(40), textOf(letters, 250, 300)),
    additionalInfo: fc.oneof(threeDigits, word(10)),
    channel: fc.constantFrom('SMS', 'EMAIL', 'Fax', 'Pigeon'),
    codes: fc
      .constantFrom(...dialects)
      .chain((dialect) => codeOf(dialect).map((code) => ({ [dialect]: code }))),
    sourceName: word(40),
    source: fc.constantFrom(...dialects).chain((dialect) =>
      fc.record({
        organization: fc.uuid(),
        dialect: fc.constant(dialect),
        code: codeOf(dialect),
      }),
    ),
    unit: fc.record({
      id: fc.uuid(),
      reference: fc.oneof(upper(11), word(35)),
      spi: textOf('0123456789', 10).map((digits) => `CNI${digits}`),
      freightFamily: fc.oneof(
        fc.constantFrom('Container' as const, 'Parcel' as const),
        fc.constantFrom(...FREIGHT_FAMILIES),
      ),
      customsFlag: fc.constantFrom(...CUSTOMS_FLAGS),
      documents,
    }),
  });
}

type Lacks = Readonly<Record<string, boolean>>;

const members = ['mode', 'direction', 'way', 'vehicle', 'full', 'documents', 'message'] as const;
const more = ['additionalInfo', 'channel', 'codes', 'sourceName'] as const;
const lacking = ['unlocode', 'location', 'name', 'point', 'spi', 'code', ...members, ...more];

/** The event without what it is said to lack. */
function without(event: RecordedEvent, lacks: Lacks): RecordedEvent {
  const keep = <T>(member: string, value: T): T | undefined =>
    lacks[member] === true ? undefined : value;
  const { unit, source, place = {}, ...facts } = event;
  const { unlocode, location, name, latitude, longitude } = place;
  const kept = Object.fromEntries(
    [...members, ...more].map((member) => [member, keep(member, facts[member])]),
  );
  return {
    ...present({ ...facts, ...kept }),
    ...present({
      place: presentAny({
        unlocode: keep('unlocode', unlocode),
        location: keep('location', location),
        name: keep('name', name),
        latitude: keep('point', latitude),
        longitude: keep('point', longitude),
      }),
    }),
    source: present({ ...source, code: keep('code', source.code) }),
    unit: present({ ...unit, spi: keep('spi', unit.spi) }),
  };
}

/** Events as they may be recorded: members missing, some corrections, few retractions. */
export function anyEvent(codes: CodesByDialect): fc.Arbitrary<RecordedEvent> {
  const link = fc.oneof(
    { weight: 7, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: fc.record({ replaces: fc.uuid() }) },
    { weight: 1, arbitrary: fc.record({ retracts: fc.uuid() }) },
  );
  const lacks = fc.record(Object.fromEntries(lacking.map((member) => [member, fc.boolean()])));
  return fc
    .tuple(fullEvent(codes), lacks, link)
    .map(([event, missing, linked]) => ({ ...without(event, missing), ...linked }));
}

/** An event that has every member, to take a changed member from. */
export function anyDonor(codes: CodesByDialect): fc.Arbitrary<RecordedEvent> {
  return fc
    .tuple(fullEvent(codes), fc.uuid(), fc.uuid())
    .map(([event, replaces, retracts]) => ({ ...event, replaces, retracts }));
}

/* ---- one member changed ------------------------------------------------------------------------ */

/**
 * The event with another value of one member, taken from a donor that has all; undefined where the
 * donor's value is the same, or the event cannot have the member.
 */
export function changed(
  event: RecordedEvent,
  field: CanonicalField,
  donor: RecordedEvent,
): RecordedEvent | undefined {
  if (field.startsWith('occurredAt')) return withTime(event, field, donor.occurredAt);
  if (field === 'replaces' && event.retracts !== undefined) return undefined;
  if (field === 'retracts' && event.replaces !== undefined) return undefined;
  const value = fieldOf(donor, field);
  if (JSON.stringify(value) === JSON.stringify(fieldOf(event, field))) return undefined;
  return grafted(event, field, value);
}

function grafted(event: RecordedEvent, field: CanonicalField, value: unknown): RecordedEvent {
  switch (field) {
    case 'recordedAt':
      return { ...event, recordedAtMs: Number(value) };
    case 'source.name':
      return { ...event, sourceName: String(value) };
    default: {
      const [member = '', inner] = field.split('.');
      if (inner === undefined) return { ...event, [member]: value };
      const whole = { ...event }[member as 'place' | 'vehicle' | 'source' | 'unit'];
      return { ...event, [member]: { ...whole, [inner]: value } };
    }
  }
}

function withTime(
  event: RecordedEvent,
  field: CanonicalField,
  donor: OriginalTime,
): RecordedEvent | undefined {
  const own = partsOf(event.occurredAt);
  const occurredAt = timeFrom(changedParts(own, field, partsOf(donor)));
  if (occurredAt.text === event.occurredAt.text) return undefined;
  return { ...event, occurredAt };
}

function changedParts(own: TimeParts, field: CanonicalField, donor: TimeParts): TimeParts {
  if (field === 'occurredAt.offset') return { ...own, offsetMinutes: donor.offsetMinutes };
  if (field === 'occurredAt') {
    const digits = own.detail === 'minute' ? 0 : own.detail.length;
    const fraction = `${donor.epochSec}${own.detail}`.slice(-digits);
    const detail = digits === 0 ? own.detail : fraction;
    return { ...own, epochSec: donor.epochSec, detail };
  }
  // One step finer says the same instant: a second of zero, or one more zero behind it.
  if (own.detail === 'minute') return { ...own, detail: '' };
  return { ...own, detail: `${own.detail}0` };
}
