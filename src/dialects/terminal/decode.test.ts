// The creation rules of the seed, and which passage a request means.
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { chooseUnit, decodeSubscription, newSubscription } from './decode.ts';
import { readOptions } from './options.ts';
import { CALLBACK_CHARS_MAX, normalCallback, pushUrl } from './push-address.ts';
import { NAMES, readName } from './vocabulary.ts';

const callbackUrl = 'https://myserver.com/send/callback/here';
const booked = { callbackUrl, bookingReference: 'B1', equipmentReference: 'APZU4812090' };
const billed = {
  callbackUrl,
  transportDocumentID: 'D1',
  transportDocumentType: 'BOL',
  equipmentReference: 'APZU4812090',
};

function fieldsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return (error.details.issues ?? []).map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('decodeSubscription', () => {
  it.each<[string, Parameters<typeof decodeSubscription>[0], string[]]>([
    ['a booking', booked, []],
    ['a bill of lading', billed, []],
    ['both', { ...booked, ...billed }, []],
    ['nulls', { ...billed, bookingReference: null }, []],
    ['the text null', { ...billed, bookingReference: 'null' }, []],
    ['neither', { callbackUrl, equipmentReference: 'A' }, ['bookingReference']],
    [
      'two texts null',
      { ...booked, bookingReference: 'null', transportDocumentID: 'null' },
      ['bookingReference'],
    ],
    [
      'two nulls',
      { ...booked, bookingReference: null, transportDocumentID: null },
      ['bookingReference'],
    ],
    ['empty texts', { ...booked, bookingReference: '' }, ['bookingReference']],
    [
      'a bill without its type',
      { ...billed, transportDocumentType: null },
      ['transportDocumentType'],
    ],
    ['another type', { ...billed, transportDocumentType: 'SWB' }, ['transportDocumentType']],
    [
      'another spelling of the type',
      { ...billed, transportDocumentType: 'bol' },
      ['transportDocumentType'],
    ],
    [
      'a type without a bill',
      { ...booked, transportDocumentType: 'BOL' },
      ['transportDocumentType'],
    ],
    ['a type that is the text null', { ...booked, transportDocumentType: 'null' }, []],
    ['no URL', { ...booked, callbackUrl: 'nowhere' }, ['callbackUrl']],
    ['another scheme', { ...booked, callbackUrl: 'ftp://x.test/' }, ['callbackUrl']],
    ['a fragment', { ...booked, callbackUrl: `${callbackUrl}#a` }, ['callbackUrl']],
    ['an empty fragment', { ...booked, callbackUrl: `${callbackUrl}#` }, ['callbackUrl']],
    [
      'a URL that grows when encoded',
      { ...booked, callbackUrl: `https://x.test/${'é'.repeat(1_000)}` },
      ['callbackUrl'],
    ],
    [
      'several faults at once',
      { callbackUrl: 'x', equipmentReference: 'A', transportDocumentType: 'BOL' },
      ['callbackUrl', 'bookingReference', 'transportDocumentType'],
    ],
  ])('judges %s', (_what, body, fields) => {
    expect(fieldsOf(() => decodeSubscription(body))).toEqual(fields);
  });
});

function unitOf(id: string, change: Partial<HandlingUnit> = {}): HandlingUnit {
  return {
    id,
    reference: 'APZU4812090',
    freightFamily: 'Container',
    customsFlag: 'Unknown',
    documents: [
      { type: 'booking', reference: 'B1' },
      { type: 'billOfLading', reference: 'D1' },
    ],
    organization: 'o',
    parties: [],
    details: {},
    createdAtMs: 0,
    updatedAtMs: 0,
    ...change,
  };
}

describe('chooseUnit', () => {
  const both = decodeSubscription({ ...booked, ...billed });

  it('takes the newest passage that travels under every document', () => {
    const newest = unitOf('4', { documents: [{ type: 'booking', reference: 'B1' }] });
    const units = [unitOf('1'), unitOf('3'), newest, unitOf('2')];
    expect(chooseUnit(units, both).id).toBe('3');
    expect(chooseUnit(units, decodeSubscription(booked)).id).toBe('4');
  });

  it.each<[string, HandlingUnit[]]>([
    ['an unknown container', []],
    ['another document', [unitOf('1', { documents: [{ type: 'booking', reference: 'B2' }] })]],
    ['one document of two', [unitOf('1', { documents: [{ type: 'booking', reference: 'B1' }] })]],
    [
      'documents of the other kind',
      [
        unitOf('1', {
          documents: [
            { type: 'booking', reference: 'D1' },
            { type: 'billOfLading', reference: 'B1' },
          ],
        }),
      ],
    ],
    ['a parcel', [unitOf('1', { freightFamily: 'Parcel' })]],
  ])('refuses %s with one and the same answer', (_what, units) => {
    const answers = new Set<string>();
    for (const seen of [units, []]) {
      try {
        chooseUnit(seen, both);
      } catch (error) {
        const { code, message, details } = error as Problem;
        answers.add(JSON.stringify({ code, message, details }));
      }
    }
    expect([...answers]).toHaveLength(1);
    expect(fieldsOf(() => chooseUnit(units, both))).toEqual([
      'bookingReference',
      'transportDocumentID',
    ]);
  });
});

describe('newSubscription', () => {
  const made = (body: Parameters<typeof decodeSubscription>[0], unit = unitOf('u')) =>
    newSubscription(decodeSubscription(body), unit, readOptions({ expiryDays: 1 }));

  it('asks for the past since an instant, and is the same with it and without', () => {
    const wanted = decodeSubscription(booked, { since: '2026-11-20T14:00:00+01:00' });
    const { sinceMs, ...rest } = newSubscription(
      wanted,
      unitOf('u'),
      readOptions({ expiryDays: 1 }),
    );
    expect(sinceMs).toBe(Date.UTC(2026, 10, 20, 13));
    expect(rest).toEqual(made(booked));
    expect(rest.settings).not.toHaveProperty('sinceMs');
    expect(fieldsOf(() => decodeSubscription(booked, { since: '2026' }))).toEqual(['since']);
  });

  it('is one subscription for all spellings of a request', () => {
    const { sameAs } = made(booked);
    expect(made({ ...booked, equipmentReference: 'apzu 481209-0' }).sameAs).toBe(sameAs);
    expect(made({ ...booked, callbackUrl: `${callbackUrl}/` }).sameAs).toBe(sameAs);
    expect(made({ ...booked, callbackUrl: callbackUrl.replace('my', 'MY') }).sameAs).toBe(sameAs);
    expect(made({ ...booked, transportDocumentID: 'null' }).sameAs).toBe(sameAs);
    expect(made({ ...booked, callbackUrl: `${callbackUrl}?a` }).sameAs).not.toBe(sameAs);
    expect(made(billed).sameAs).not.toBe(sameAs);
    expect(made(booked, unitOf('v')).sameAs).not.toBe(sameAs);
  });

  it('ends as the operator wants', () => {
    expect(made(booked).endsAfterLeaving).toEqual({ unit: 'u', afterMs: 86_400_000 });
  });
});

describe('options', () => {
  it.each([
    [{}, 3],
    [{ expiryDays: 5 }, 5],
    [{ expiryDays: 0.5 }, 0.5],
  ])('%j is %d days', (given, days) => {
    expect(readOptions(given).expiryMs).toBe(days * 86_400_000);
  });

  it.each([
    [null, []],
    [{ expiryDays: 0 }, ['expiryDays']],
    [{ expiryDays: -1 }, ['expiryDays']],
    [{ expiryDays: '3' }, ['expiryDays']],
    [{ expiryDays: 10_000 }, ['expiryDays']],
    [{ expirydays: 3 }, ['expirydays']],
  ])('refuses %j', (given, fields) => {
    expect(() => readOptions(given)).toThrow(Problem);
    if (fields.length > 0) expect(fieldsOf(() => readOptions(given))).toEqual(fields);
  });
});

describe('the push address', () => {
  it.each([
    ['https://x.test', 'https://x.test/api/v1/transportEvents/actualGateOut'],
    ['https://x.test/', 'https://x.test/api/v1/transportEvents/actualGateOut'],
    ['https://x.test/a', 'https://x.test/a/api/v1/transportEvents/actualGateOut'],
    ['https://x.test/a/', 'https://x.test/a/api/v1/transportEvents/actualGateOut'],
    ['https://x.test/a//', 'https://x.test/a//api/v1/transportEvents/actualGateOut'],
    [
      'https://x.test:8443/a?k=v&w',
      'https://x.test:8443/a/api/v1/transportEvents/actualGateOut?k=v&w',
    ],
    ['https://x.test/a/?k=/', 'https://x.test/a/api/v1/transportEvents/actualGateOut?k=/'],
    ['https://x.test/%20a?', 'https://x.test/%20a/api/v1/transportEvents/actualGateOut'],
  ])('of %s is %s', (url, expected) => {
    expect(pushUrl(url, 'actualGateOut')).toBe(expected);
  });

  it('is never longer than what can be sent', () => {
    const longest = `https://x.test/${'a'.repeat(CALLBACK_CHARS_MAX - 15)}`;
    expect(normalCallback(longest)).toHaveLength(CALLBACK_CHARS_MAX);
    for (const name of Object.keys(NAMES)) {
      const known = readName(name);
      if (known === undefined) throw new Error(name);
      expect(pushUrl(longest, known).length).toBeLessThanOrEqual(2_048);
    }
  });
});
