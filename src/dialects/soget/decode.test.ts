// What requests mean: filters, the identity of a tracking, and each refusal with its rule.
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import { matchKeyOf, requiredTags } from '../../events/subscription.ts';
import { decodeTokenRequest, decodeTraceQuery, decodeTracking } from './decode.ts';
import { CUSTOMS_INDICATORS, type TrackingSinglePost } from './schemas.ts';

const least: TrackingSinglePost = { reference: 'CGMU0000001', url: 'https://hook.test/x' };

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('decodeTracking', () => {
  it.each([
    ['Unknown', []],
    ['Import', ['direction:import']],
    ['Export', ['direction:export']],
    ['Transit', ['direction:transit']],
    ['Transhipment', ['direction:transhipment']],
    ['DomesticIn', ['direction:domestic', 'way:in']],
    ['DomesticOut', ['direction:domestic', 'way:out']],
    ['DomesticTranshipment', ['direction:domestic']],
  ] as const)('%s asks for the tags %j', (way, tags) => {
    const always = ['reference:CGMU0000001', 'classifier:actual'];
    expect(requiredTags(decodeTracking({ ...least, way }).filter)).toEqual([...always, ...tags]);
  });

  it('asks for the place as UN/LOCODE or location, whatever its case, and is found by its SPI', () => {
    const { filter } = decodeTracking({ ...least, spi: 'CNI0000000001', place: 'mtdf' });
    expect(requiredTags(filter)).toContain('place:MTDF');
    expect(matchKeyOf(filter)).toBe('spi:CNI0000000001');
  });

  it('takes null, empty, missing and Unknown for the same request', () => {
    const bare = decodeTracking(least);
    const nulls = { spi: null, place: null, agentCode: null, externalReference: null };
    const empty = { place: '', agentCode: '', externalReference: '' };
    expect(decodeTracking({ ...least, ...nulls })).toEqual(bare);
    expect(decodeTracking({ ...least, ...empty, way: 'Unknown' })).toEqual(bare);
    expect(decodeTracking({ ...least, reference: 'cgmu0000001' })).toEqual(bare);
    expect(decodeTracking({ ...least, url: 'hook.test/x' })).toEqual(bare);
  });

  it('takes every other difference for another request', () => {
    const others: TrackingSinglePost[] = [
      least,
      { ...least, reference: 'CGMU0000002' },
      { ...least, spi: 'CNI0000000001' },
      { ...least, place: 'X' },
      { ...least, agentCode: 'X' },
      { ...least, externalReference: 'X' },
      { ...least, url: 'https://hook.test/y' },
      ...CUSTOMS_INDICATORS.filter((way) => way !== 'Unknown').map((way) => ({ ...least, way })),
    ];
    const texts = new Set(others.map((other) => decodeTracking(other).sameAs));
    expect(texts.size).toBe(others.length);
  });

  it('asks for the past since an instant, and is the same tracking with it and without', () => {
    const since = '2026-11-20T14:00:00+01:00';
    const { sinceMs, ...rest } = decodeTracking(least, { since });
    expect(sinceMs).toBe(Date.UTC(2026, 10, 20, 13));
    expect(rest).toEqual(decodeTracking(least));
    expect(rest).not.toHaveProperty('sinceMs');
    const { code, details } = problemOf(() => decodeTracking(least, { since: '2026-11-20' }));
    expect(code).toBe('invalid-input');
    expect(details.issues).toMatchObject([{ path: 'since', value: '2026-11-20' }]);
  });

  it('names a bad address by its field, its rule and its beginning', () => {
    const url = `https://a..b/${'x'.repeat(200)}`;
    const problem = problemOf(() => decodeTracking({ ...least, url }));
    expect(problem.code).toBe('invalid-input');
    expect(problem.details.issues).toMatchObject([
      { path: 'url', rule: 'url', value: url.slice(0, 100) },
    ]);
  });
});

describe('decodeTraceQuery', () => {
  it.each([
    [{}, 'handling-unit-null'],
    [{ reference: '', spi: '' }, 'handling-unit-null'],
    [{ reference: '  ' }, 'handling-unit-null'],
    [{ spi: 'CNI000006397' }, 'pattern'],
    [{ spi: 'cni0000063978' }, 'pattern'],
    [{ reference: 'CGMU2436601', spi: '0000000063978' }, 'pattern'],
    [{ reference: 'X'.repeat(18) }, 'maxLength'],
    [{ reference: 'a\u0000b' }, 'text'],
  ])('refuses %j by %s', (query, rule) => {
    const problem = problemOf(() => decodeTraceQuery(query));
    expect(problem.code).toBe('invalid-input');
    expect(problem.details.issues).toMatchObject([{ rule }]);
  });

  it('counts characters, not UTF-16 units, and asks for no parcels', () => {
    const reference = '🚢'.repeat(17);
    const query = decodeTraceQuery({ reference: ` ${reference} ` });
    expect(query.reference).toBe(reference);
    expect(query.families).not.toContain('Parcel');
  });
});

describe('decodeTokenRequest', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
  const both = { client_id: 'a', client_secret: 'b' };

  it.each([
    [{ form: null }, 'invalid-request'],
    [{ form: {} }, 'invalid-request'],
    [{ form: { client_id: 'a' } }, 'invalid-request'],
    [{ form: { client_id: 'a', client_secret: '' } }, 'invalid-request'],
    [{ form: { ...both, grant_type: 'password' } }, 'unsupported-grant-type'],
    [{ form: { grant_type: 'authorization_code' } }, 'unsupported-grant-type'],
    [{ form: both, authorization: basic('a:b') }, 'invalid-request'],
    [{ form: null, authorization: 'Bearer x' }, 'invalid-client'],
    [{ form: null, authorization: basic('a\u0000:b') }, 'invalid-client'],
  ])('refuses %j as %s', (request, code) => {
    expect(problemOf(() => decodeTokenRequest(request)).code).toBe(code);
  });

  it('takes an empty grant_type and scope for missing ones, and a Basic header without a form', () => {
    const login = { clientId: 'a', clientSecret: 'b' };
    expect(decodeTokenRequest({ form: { ...both, grant_type: '', scope: '' } })).toEqual(login);
    expect(decodeTokenRequest({ form: null, authorization: basic('a:b') })).toEqual(login);
  });
});
