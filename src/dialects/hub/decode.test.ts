// What samples cannot show of decoding: refusals in their places, null, words, whatever JSON holds.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../events/types.ts';
import { compileCheck } from '../../lib/check.ts';
import { findBadTextDeep } from '../../lib/text.ts';
import { decodeEventQuery, decodeEvents, decodeRange } from './decode.ts';
import { type DecodedEvent, decodeEvent } from './decode-event.ts';
import { decodeUnit } from './decode-unit.ts';
import { EventBody } from './schemas/events.ts';
import { UnitBody } from './schemas/units.ts';
import { vocabulary } from './vocabulary.ts';

const own = '0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa';
const foreign = '0190cccc-aaaa-7aaa-8aaa-aaaaaaaaaaaa';
const least = {
  unit: { reference: 'CSQU3054383' },
  type: 'gated-out',
  occurredAt: '2025-08-15T23:32:00+02:00',
};

function decode(more: object, organization: string | undefined = own): DecodedEvent {
  return decodeEvent({ event: { ...least, ...more }, received: '', organization, vocabulary });
}

function draftOf(more: object, organization?: string) {
  const decoded = decode(more, organization);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.issues));
  return decoded.draft;
}

describe('decodeEvent', () => {
  it.each<[object, string, string]>([
    [{ unit: {} }, 'unit', 'invalid-input'],
    [{ unit: { reference: null, spi: null } }, 'unit', 'invalid-input'],
    [{ unit: { reference: ' CSQU3054383' } }, 'unit.reference', 'invalid-input'],
    [{ unit: { id: 'CSQU3054383' } }, 'unit.id', 'invalid-input'],
    [{ type: '' }, 'type', 'invalid-input'],
    [{ type: 'x'.repeat(65) }, 'type', 'invalid-input'],
    [{ classifier: 'maybe' }, 'classifier', 'invalid-input'],
    [{ occurredAt: '2025-08-15T23:32:00' }, 'occurredAt', 'invalid-input'],
    [{ occurredAt: '2025-02-30T00:00:00Z' }, 'occurredAt', 'invalid-input'],
    [{ place: { latitude: 49.5 } }, 'place.longitude', 'invalid-input'],
    [{ place: { longitude: 0, latitude: null } }, 'place.latitude', 'invalid-input'],
    [{ place: { unlocode: 'frleh' } }, 'place.unlocode', 'invalid-input'],
    [{ mode: 100 }, 'mode', 'invalid-input'],
    [{ mode: 'horse' }, 'mode', 'invalid-input'],
    [{ mode: 'constructor' }, 'mode', 'invalid-input'],
    [{ replaces: own, retracts: own }, 'retracts', 'invalid-input'],
    [{ codes: { Upper: 'DIR' } }, 'codes.Upper', 'invalid-input'],
    [{ gate: 7 }, 'gate', 'invalid-input'],
    [{ organization: foreign }, 'organization', 'forbidden'],
  ])('%j is refused at %s', (more, path, code) => {
    expect(decode(more)).toMatchObject({ ok: false, code, issues: [{ path }] });
  });

  it('takes null for absent', () => {
    const nulls = {
      classifier: null,
      place: null,
      mode: null,
      direction: null,
      way: null,
      vehicle: { id: null, name: null },
      full: null,
      documents: null,
      message: null,
      codes: null,
      replaces: null,
      retracts: null,
      organization: null,
    };
    expect(draftOf(nulls)).toEqual(draftOf({}));
  });

  it.each<[string | number, number]>([
    ['Sea', 1],
    ['rail', 2],
    ['ROAD', 3],
    ['air', 4],
    ['barge', 8],
    ['not-applicable', 9],
    [0, 0],
    [31, 31],
  ])('mode %s is %i', (mode, code) => expect(draftOf({ mode }).mode).toBe(code));

  it('knows every canonical type and keeps any other word', () => {
    for (const type of EVENT_TYPES) {
      expect(decode({ type })).toMatchObject({ ok: true, draft: { type }, warnings: [] });
    }
    expect(decode({ type: 'Gate out, full' })).toMatchObject({
      draft: { type: 'other', source: { dialect: 'hub', code: 'Gate out, full' } },
      warnings: [{ path: 'type' }],
    });
  });

  it('lets the operator speak for another organization, and others for their own only', () => {
    const spoken = decodeEvent({
      event: { ...least, organization: foreign.toUpperCase() },
      received: '',
      organization: undefined,
      vocabulary,
    });
    expect(spoken).toMatchObject({ ok: true, draft: { source: { organization: foreign } } });
    expect(draftOf({ organization: own.toUpperCase() }).source.organization).toBe(own);
  });
});

describe('any JSON', () => {
  const known = Object.keys(EventBody.properties);
  const member = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, fc.string());
  const scalar = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...EVENT_TYPES, own, 3));
  const place = fc.dictionary(fc.constantFrom('latitude', 'longitude', 'name', 'id'), scalar);
  const anything = fc.dictionary(member, fc.oneof(scalar, place), { maxKeys: 8 });

  it('is decoded or refused with a reason, and never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), fc.boolean(), (event, isOnGoodGround) => {
        const given = isOnGoodGround && typeof event === 'object' ? { ...event, ...least } : event;
        const decoded = decodeEvent({ event: given, received: '', organization: own, vocabulary });
        if (decoded.ok) {
          expect(decoded.draft.unit).not.toEqual({});
          expect(findBadTextDeep(decoded.draft)).toBeUndefined();
        } else expect(decoded.issues[0].message).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decodeEvents', () => {
  it('keeps the text of each event of a list as received', () => {
    const first = JSON.stringify({ ...least, unit: { spi: 'CNI0000063978' } }, null, 1);
    const second = JSON.stringify({ ...least, message: 'a ], "b' });
    const bodyText = `[ ${first} ,7,\n${second}]`;
    const decoded = decodeEvents({
      body: JSON.parse(bodyText),
      bodyText,
      organization: own,
      vocabulary,
    });
    expect(decoded).toMatchObject([
      { ok: true, draft: { received: first } },
      { ok: false, issues: [{ path: '', message: 'must be object' }] },
      { ok: true, draft: { received: second } },
    ]);
  });

  it.each<[object, string]>([
    [{ message: 'a\u0000b' }, 'message'],
    [{ message: '\u007f' }, 'message'],
    [{ place: { name: '\ud800' } }, 'place.name'],
    [{ 'colo\u0001ur': 'red' }, 'colo\ufffdur'],
  ])('refuses %j alone, in its place', (more, path) => {
    const body = [least, { ...least, ...more }];
    const bodyText = JSON.stringify(body);
    const decoded = decodeEvents({ body, bodyText, organization: own, vocabulary });
    expect(decoded).toMatchObject([{ ok: true }, { ok: false, issues: [{ path, rule: 'text' }] }]);
  });

  it.each([0, 1001])('refuses a list of %i events as a whole', (length) => {
    const body = new Array(length).fill(least);
    expect(() => decodeEvents({ body, bodyText: '[]', organization: own, vocabulary })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });
});

it('reads families and flags in any spelling, and only warns of a check digit', () => {
  const body = { reference: 'CSQU3054384', freightFamily: 'break-bulk', customsFlag: 'TRANSIT' };
  const { given, warnings } = decodeUnit(body, own);
  expect(given).toMatchObject({ freightFamily: 'BreakBulk', customsFlag: 'Transit' });
  expect(warnings).toMatchObject([{ path: 'reference' }]);
});

describe('details that repeat the booking', () => {
  const booking = { reference: 'CGMU2436601', freightFamily: 'container' };

  it('pass the schema of the call, as published', () => {
    const path = new URL('samples/decode-unit-seed.json', import.meta.url);
    const sample: { given: { body: object } } = JSON.parse(readFileSync(path, 'utf8'));
    expect(compileCheck(UnitBody)(sample.given.body)).toMatchObject({ ok: true });
  });

  it('may say it in any spelling, and what the booking does not say', () => {
    const details = {
      ...{ reference: 'cgmu 243660-1', pswId: 'CNI0000063978', freightFamily: 'CONTAINER' },
      ...{ customsFlag: 'import', sizeType: '22G1', events: [] },
    };
    const { given, warnings } = decodeUnit({ ...booking, details }, own);
    expect(given).toEqual({
      ...{ reference: 'CGMU2436601', freightFamily: 'Container', organization: own },
      ...{ spi: 'CNI0000063978', customsFlag: 'Import', details: { sizeType: '22G1' } },
    });
    expect(warnings.map(({ path }) => path)).not.toContain('details.events');
  });

  it.each([
    ['reference', 'CGMU2436602'],
    ['pswId', 'CNI0000063979'],
    ['freightFamily', 'BreakBulk'],
    ['customsFlag', 'Export'],
    ['customsFlag', 'Inport'],
  ])('are refused where %s is %s', (member, value) => {
    const outer = { ...booking, spi: 'CNI0000063978', customsFlag: 'Import' };
    expect(() => decodeUnit({ ...outer, details: { [member]: value } }, own)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`details.${member}: `) }),
    );
  });
});

it('reads an instant whose plus sign was not escaped', () => {
  const query = { occurredFrom: '2025-08-15T23:32:00 02:00', asOf: '2025-08-15T21:32:00Z' };
  const { occurredFromMs, asOfMs } = decodeEventQuery(query);
  expect(occurredFromMs).toBe(Date.UTC(2025, 7, 15, 21, 32));
  expect(asOfMs).toBe(occurredFromMs);
});

describe('decodeRange', () => {
  const [early, late] = ['2026-11-20T14:00:00Z', '2026-11-20T14:00:01Z'];

  it('takes instants, numbers, one of them or none', () => {
    const atMs = Date.UTC(2026, 10, 20, 14);
    expect(decodeRange({ from: early, to: late })).toEqual({ fromMs: atMs, toMs: atMs + 1_000 });
    expect(decodeRange({ from: 117, to: 123 })).toEqual({ fromSequence: 117, toSequence: 123 });
    expect(decodeRange({ from: 117, to: null })).toEqual({ fromSequence: 117 });
    expect(decodeRange({ to: 1 })).toEqual({ toSequence: 1 });
    expect([decodeRange({}), decodeRange(undefined)]).toEqual([{}, {}]);
  });

  it.each([
    { from: early, to: 123 },
    { from: 117, to: late },
    { from: late, to: early },
    { from: 123, to: 117 },
  ])('refuses %j', (range) => {
    expect(() => decodeRange(range)).toThrow(
      expect.objectContaining({ details: { issues: [expect.objectContaining({ path: 'to' })] } }),
    );
  });
});
