// S5 as a matrix: every call of the ports, by everyone there can be. Whoever may not see a unit gets
// exactly what they would get if it did not exist: the same value or the same refusal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  unknownId,
} from '../../test/support/store.ts';
import type { Principal } from '../dialects/dialect.ts';
import type { EventsPort, UnitsPort } from '../dialects/hub-port.ts';
import { FREIGHT_FAMILIES } from '../events/types.ts';
import type { HandlingUnit } from '../events/unit.ts';
import { bucketOfId } from '../lib/id.ts';
import { createEvents } from './events/index.ts';
import { newestEvents } from './events/newest.ts';
import { createSubscriptions } from './subscriptions/index.ts';
import { createUnits } from './units/index.ts';

let bench: StoreBench;
let units: UnitsPort;
let events: EventsPort;
let subscriptions: ReturnType<typeof createSubscriptions>;

/** What a question names; of a unit that is there, or of one that is not. */
interface Names {
  readonly unit: string;
  readonly reference: string;
  readonly spi: string;
  readonly document: string;
  readonly event: string;
  readonly subscription: string;
}

let real: Names;
/** Shaped like the real ones; nobody has them. */
let missing: Names;
const everyone = new Map<string, Principal>();
let unit: HandlingUnit;

const who = (name: string): Principal => {
  const principal = everyone.get(name);
  if (principal === undefined) throw new Error(`nobody is called ${name}`);
  return principal;
};

beforeAll(async () => {
  bench = await createStoreBench();
  units = createUnits(bench);
  events = createEvents(bench);
  subscriptions = createSubscriptions({
    ...bench,
    secrets: { issue: (id) => ({ secret: 'whsec_', sealed: `sealed for ${id}` }) },
    checkUrl: (url) => ({ ok: true, url: new URL(url) }),
    onChange: () => undefined,
  });
  const names = ['owner', 'party', 'observer', 'stranger', 'former party', 'neighbour'];
  for (const name of names) everyone.set(name, memberOf(await bench.organization(name)));
  everyone.set('operator', operator);
  const party = (name: string, role: string) => ({
    organization: who(name).organization ?? '',
    role,
  });
  const given = {
    reference: 'CSQU3054383',
    spi: 'CNI0000000001',
    freightFamily: 'Container',
    documents: [{ type: 'booking', reference: 'BK-1' }],
  } as const;
  await units.put(who('owner'), { ...given, parties: [party('former party', 'carrier')] });
  const parties = [party('party', 'carrier'), party('observer', 'observer')];
  ({ unit } = await units.put(who('owner'), { ...given, parties }));
  // The neighbour knows the same container by the same names, as a unit of its own.
  const theirs = await units.put(who('neighbour'), given);
  await bench.event({ unit: theirs.unit, organization: who('neighbour').organization ?? '' });
  const event = await bench.event({ unit, organization: who('owner').organization ?? '' });
  const made = await subscriptions.create(who('owner'), {
    dialect: 'hub',
    url: 'https://hook.example.com/',
    filter: {},
    sameAs: 'same',
  });
  real = {
    unit: unit.id,
    reference: given.reference,
    spi: given.spi,
    document: 'BK-1',
    event,
    subscription: made.subscription.id,
  };
  missing = {
    unit: unknownId(),
    reference: 'MSKU0000000',
    spi: 'ZZZ0000000001',
    document: 'BK-9',
    event: unknownId(),
    subscription: unknownId(),
  };
});
afterAll(() => bench.drop());

type Question = (asker: Principal, names: Names) => Promise<unknown>;

const page = { limit: 50 };
const families = FREIGHT_FAMILIES;
const trace = { families, descending: false, limit: 10, offset: 0, eventsMax: 10 };

const aboutUnits: Record<string, Question> = {
  'units.get': (asker, { unit: id }) => units.get(asker, id),
  'units.get as of now': (asker, { unit: id }) => units.get(asker, id, bench.nowMs()),
  'units.find by document as of now': (asker, { document }) =>
    units.find(asker, { document, asOfMs: bench.nowMs() }, page),
  'units.find by reference and spi as of now': (asker, { reference, spi }) =>
    units.find(asker, { reference, spi, asOfMs: bench.nowMs() }, page),
  'units.find all as of now': (asker) => units.find(asker, { asOfMs: bench.nowMs() }, page),
  'units.find by id': (asker, { unit: id }) => units.find(asker, { id }, page),
  'units.find by reference': (asker, { reference }) => units.find(asker, { reference }, page),
  'units.find by spi': (asker, { spi }) => units.find(asker, { spi }, page),
  'units.find by document': (asker, { document }) => units.find(asker, { document }, page),
  'units.find all': (asker) => units.find(asker, {}, page),
  'units.trace by reference': (asker, { reference }) => units.trace(asker, { ...trace, reference }),
  'units.trace by spi': (asker, { spi }) => units.trace(asker, { ...trace, spi }),
  'units.trace all': (asker) => units.trace(asker, trace),
  'events.get': (asker, { event }) => events.get(asker, event),
  'events.list by unit id': (asker, names) => events.list(asker, { unit: names.unit }, page),
  'events.list by reference': (asker, names) => events.list(asker, { unit: names.reference }, page),
  'events.list by spi': (asker, names) => events.list(asker, { unit: names.spi }, page),
  'events.list all': (asker) => events.list(asker, {}, page),
};

const url = 'https://hook.example.com/';
const aboutSubscriptions: Record<string, Question> = {
  'subscriptions.get': (asker, { subscription: id }) => subscriptions.get(asker, id),
  'subscriptions.list': (asker) => subscriptions.list(asker, {}, page),
  'subscriptions.update': (asker, { subscription: id }) => subscriptions.update(asker, id, { url }),
  'subscriptions.rotateSecret': (asker, names) =>
    subscriptions.rotateSecret(asker, names.subscription),
  'subscriptions.remove': (asker, { subscription: id }) => subscriptions.remove(asker, id),
};

/** The answer or the refusal, whole, for comparing. */
async function answerTo(question: Question, asker: Principal, names: Names): Promise<unknown> {
  return question(asker, names).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/** Everything by which the unit, its event or the subscription could be known. */
function traces(answer: unknown): string[] {
  const text = JSON.stringify(answer) ?? '';
  return [real.unit, real.event, real.subscription, who('owner').organization ?? ''].filter((id) =>
    text.includes(id),
  );
}

describe.each(Object.entries(aboutUnits))('%s', (_name, question) => {
  it.each(['owner', 'party', 'observer', 'operator'])('shows it to the %s', async (name) => {
    const answer = await answerTo(question, who(name), real);
    expect(traces(answer)).toContain(real.unit);
  });

  it.each(['stranger', 'former party'])('is the same as of nothing to the %s', async (name) => {
    const answer = await answerTo(question, who(name), real);
    expect(answer).toStrictEqual(await answerTo(question, who(name), missing));
    expect(answer).not.toHaveProperty('error');
    expect(traces(answer)).toEqual([]);
  });

  it('shows the neighbour its own and nothing else', async () => {
    expect(traces(await answerTo(question, who('neighbour'), real))).toEqual([]);
  });
});

it('even a unit already found gives its events only to who sees it', async () => {
  const read = async (name: string) => {
    const found = { units: [{ bucket: bucketOfId(unit.id) ?? -1, id: unit.id }], eventsMax: 5 };
    const newest = await newestEvents(bench.database, who(name), found);
    return newest.get(unit.id)?.map(({ id }) => id);
  };
  expect(await read('party')).toEqual([real.event]);
  expect(await read('stranger')).toEqual([]);
});

describe('counts', () => {
  it.each([
    ['owner', 1],
    ['party', 1],
    ['stranger', 0],
    ['former party', 0],
    ['neighbour', 1],
    ['operator', 2],
  ])('the %s counts %i', async (name, count) => {
    expect((await units.trace(who(name), { ...trace, reference: real.reference })).total).toBe(
      count,
    );
    expect((await units.trace(who(name), trace)).total).toBe(count);
  });
});

describe.each(Object.entries(aboutSubscriptions))('%s', (_name, question) => {
  it.each(['party', 'observer', 'stranger', 'neighbour'])(
    'is the same as of nothing to the %s',
    async (name) => {
      const answer = await answerTo(question, who(name), real);
      expect(answer).toStrictEqual(await answerTo(question, who(name), missing));
      expect(answer).not.toHaveProperty('error');
      expect(traces(answer)).toEqual([]);
    },
  );

  it('left it as it was', async () => {
    const kept = await subscriptions.get(who('owner'), real.subscription);
    expect(kept).toMatchObject({ state: 'active', url });
    expect(kept).not.toHaveProperty('previousSecretUntilMs');
  });
});

describe('writing', () => {
  it.each(['party', 'observer', 'stranger', 'former party'])(
    'a booking by the %s makes its own unit and leaves the first as it is',
    async (name) => {
      const before = await units.get(who('owner'), real.unit);
      const { reference, spi } = real;
      const made = await units.put(who(name), { reference, spi, freightFamily: 'BreakBulk' });
      expect(made.created).toBe(true);
      expect(made.unit).toMatchObject({ organization: who(name).organization, documents: [] });
      expect(await units.get(who('owner'), real.unit)).toEqual(before);
    },
  );

  it('a booking with an SPI that another owner uses for another reference is no conflict', async () => {
    const given = { reference: 'LOT-77', spi: real.spi, freightFamily: 'BreakBulk' } as const;
    const newcomer = memberOf(await bench.organization());
    expect((await units.put(newcomer, given)).created).toBe(true);
  });

  it('the same request of a stranger is a subscription of its own', async () => {
    const given = { dialect: 'hub', url, filter: { reference: real.reference }, sameAs: 'same' };
    const made = await subscriptions.create(who('stranger'), given);
    expect(made.created).toBe(true);
    expect(traces(made)).toEqual([]);
  });

  it('the operator and the owner may end a subscription', async () => {
    const given = { dialect: 'hub', url, filter: {} };
    const first = await subscriptions.create(who('owner'), given);
    const second = await subscriptions.create(who('owner'), given);
    expect(await subscriptions.remove(operator, first.subscription.id)).toBe(true);
    expect(await subscriptions.remove(who('owner'), second.subscription.id)).toBe(true);
  });
});
