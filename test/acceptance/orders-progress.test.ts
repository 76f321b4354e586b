/**
 * Scenario S3: an order created in the orders dialect becomes a document; its stops become planned
 * events of the units booked under it; what then happens stands beside them.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  adminKey,
  apiOf,
  bodyOf,
  book,
  type Client,
  type Page,
  record,
  request,
  subscribe,
} from '../support/client.ts';
import { type Push, problem } from '../support/hub-answers.ts';
import { removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import { arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();
let shipper: Client;
let carrier: Client;
let stranger: Client;
const tokens = new Map<Client, string>();
beforeAll(async () => {
  [shipper, carrier, stranger] = await Promise.all([
    stand.joinAsClient('Shipper'),
    stand.joinAsClient('Carrier'),
    stand.joinAsClient('Stranger'),
  ]);
  for (const member of [shipper, carrier, stranger]) {
    tokens.set(member, await orderToken(stand.url, member.id));
  }
});

/** Token of a new application that may create and read orders. */
async function orderToken(hub: string, organization: string): Promise<string> {
  const scopes = ['orders.orders.basic.read', 'orders.shipping-orders.basic.create'];
  const path = `/organizations/${organization}/applications`;
  const made = await apiOf(hub, adminKey).send<{ clientId: string; clientSecret: string }>(
    ...(['POST', path, { name: 'orders', scopes }] as const),
  );
  const { clientId, clientSecret } = bodyOf(made, 201);
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const given = await request<{ access_token: string }>(`${hub}/oauth2/token`, {
    form: { ...form, client_secret: clientSecret },
  });
  return bodyOf(given).access_token;
}

const stop = (type: string, [locality, latitude, longitude]: Town, hour: number) => ({
  type,
  place: {
    address: { locality, postal_code: '1', country: 'DE' },
    coordinates: { latitude, longitude },
  },
  time_frame: {
    day: '2026-12-01',
    time_from: `${hour}:00:00+01:00`,
    time_to: `${hour + 2}:00:00+01:00`,
  },
});
type Town = readonly [string, number, number];
const hamburg: Town = ['Hamburg', 53.540_001, 9.98];
const berlin: Town = ['Berlin', 52.52, 13.4];

let serial = 0;
const newNumber = () => `EN/15022021/${++serial}`;
const newReference = () => `CSQU${String(++serial).padStart(7, '0')}`;
const orderOf = (number: string, more: object = {}) => ({
  number,
  route: { events: [stop('loading', hamburg, 10), stop('unloading', berlin, 16)] },
  driver: { given_name: 'Joe', family_name: 'Doe', identity_document_number: 'AFA180815' },
  ...more,
});
const headers = { accept: 'application/hal+json' };
const sendOrder = (token: string, order: object, hub = stand.url) =>
  request<{ id: string }>(`${hub}/api/rest/v1/shipping-orders`, { token, headers, body: order });

async function give(number: string, as = shipper, more: object = {}): Promise<string> {
  return bodyOf(await sendOrder(tokens.get(as) ?? '', orderOf(number, more)), 201).id;
}

const unitUnder = (number: string, more: object = {}) => ({
  ...{ reference: newReference(), freightFamily: 'Container' },
  documents: [{ type: 'order', reference: number }],
  ...more,
});
const partyOf = ({ id }: Client, role: string) => ({ organization: id, role });

interface Told {
  readonly id: string;
  readonly type: string;
  readonly classifier: string;
  readonly occurredAt: string;
}
const eventsOf = async (api: Client['api'], unit: string) =>
  bodyOf(await api.get<Page<Told>>(`/events?unit=${unit}`)).items;
const namesOf = async (api: Client['api'], unit: string) =>
  (await eventsOf(api, unit)).map(({ type, classifier }) => `${classifier} ${type}`);
const both = ['planned loaded', 'planned unloaded'];

interface Progress {
  readonly order: { readonly number: string };
  readonly stops: readonly {
    readonly units: readonly {
      readonly unit: { readonly id: string };
      readonly planned?: Told;
      readonly actual: readonly (Told & { readonly deviationMinutes?: number })[];
    }[];
  }[];
  readonly units: readonly { readonly unit: { readonly id: string }; readonly stopsDone: number }[];
  readonly nextCursor: string | null;
}
const progressOf = (order: string, as: Client): Promise<Answer<Progress>> =>
  as.api.get<Progress>(`/orders/${order}/progress`);

describe('S3', () => {
  it('goes from the order to its progress, for a unit booked before it and one after', async () => {
    const number = newNumber();
    const shared = { parties: [partyOf(carrier, 'carrier')] };
    const path = `/s3-${serial}`;
    const { secret } = await subscribe(carrier.api, `${stand.receiver.url}${path}`);
    const early = await book(shipper.api, unitUnder(number, shared));
    const order = await give(number, shipper, {
      carrier: { name: 'Carrier', organization_id: carrier.id },
    });
    const late = await book(shipper.api, unitUnder(number, shared));
    for (const unit of [early, late]) expect(await namesOf(shipper.api, unit)).toEqual(both);

    const pushes = await arrivalsUntil(
      stand.receiver,
      path,
      (text) => text.includes(late) && text.includes('"unloaded"'),
    );
    const pushed = pushes.map((push) => verified<Push>(push, secret));
    expect(pushed.filter(({ unit }) => unit.id === late).map(({ event }) => event)).toMatchObject([
      {
        ...{ type: 'loaded', classifier: 'planned', occurredAt: '2026-12-01T10:00:00+01:00' },
        place: { latitude: 53.540_001, longitude: 9.98 },
        documents: [{ type: 'order', reference: number }],
        message: expect.stringContaining('2026-12-01T10:00:00+01:00/2026-12-01T12:00:00+01:00'),
        source: { organization: shipper.id, dialect: 'orders' },
      },
      { type: 'unloaded', classifier: 'planned', occurredAt: '2026-12-01T16:00:00+01:00' },
    ]);

    const loaded = await record(carrier.api, {
      ...{ unit: { id: early }, type: 'loaded', occurredAt: '2026-12-01T12:45:00+01:00' },
      place: { name: 'Ramp 3', latitude: 53.543, longitude: 9.985 },
    });
    const off = await record(carrier.api, {
      ...{ unit: { id: early }, type: 'unloaded', occurredAt: '2026-12-01T14:00:00+01:00' },
      place: { name: 'Schwerin', latitude: 53.63, longitude: 11.41 },
    });
    const { body } = await progressOf(order, carrier);
    const atStop = (unit: string, type: string, actual: readonly object[]) => ({
      ...{ unit: { id: unit, reference: expect.any(String), spi: null }, actual },
      planned: expect.objectContaining({ type, classifier: 'planned' }),
    });
    const plan = (sequence: number, type: string, hour: number) => ({
      ...{ sequence, type, place: expect.objectContaining({ latitude: expect.any(Number) }) },
      window: {
        ...{ day: '2026-12-01', fromTime: `${hour}:00:00+01:00` },
        ...{ toTime: `${hour + 2}:00:00+01:00`, from: `2026-12-01T${hour}:00:00+01:00` },
        to: `2026-12-01T${hour + 2}:00:00+01:00`,
      },
    });
    expect(body).toEqual({
      order: {
        ...{ id: order, number, organization: shipper.id, dialect: 'orders' },
        parties: [partyOf(carrier, 'carrier')],
        createdAt: expect.any(String),
      },
      stops: [
        {
          ...plan(1, 'loaded', 10),
          units: [
            atStop(late, 'loaded', []),
            atStop(early, 'loaded', [
              expect.objectContaining({ id: loaded, classifier: 'actual', deviationMinutes: 45 }),
            ]),
          ],
        },
        {
          ...plan(2, 'unloaded', 16),
          units: [atStop(late, 'unloaded', []), atStop(early, 'unloaded', [])],
        },
      ],
      units: [
        { unit: expect.objectContaining({ id: late }), stopsDone: 0, offPlan: [] },
        {
          ...{ unit: expect.objectContaining({ id: early }), stopsDone: 1 },
          offPlan: [expect.objectContaining({ id: off })],
        },
      ],
      nextCursor: null,
    });

    // It was Berlin after all: the correction counts, what it replaced does not.
    const corrected = await record(carrier.api, {
      ...{ unit: { id: early }, type: 'unloaded', occurredAt: '2026-12-01T17:00:00+01:00' },
      ...{ place: { latitude: 52.52, longitude: 13.4 }, replaces: off },
    });
    const after = bodyOf(await progressOf(order, shipper));
    expect(after.stops[1]?.units[1]?.actual).toMatchObject([
      { id: corrected, deviationMinutes: 0 },
    ]);
    expect(after.units[1]).toMatchObject({ stopsDone: 2, offPlan: [] });
  });

  it('plans exactly once under repeats and at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const number = newNumber();
      const unit = unitUnder(number);
      const put = () => shipper.api.send<{ id: string }>('PUT', '/handling-units', unit);
      const [, booked] = await Promise.all([give(number), put(), put()]);
      await put();
      await expect.poll(() => namesOf(shipper.api, booked.body.id)).toEqual(both);
    }
  });

  it('goes page by page through the units', async () => {
    const number = newNumber();
    const units = [];
    for (let at = 0; at < 3; at += 1) units.push(await book(shipper.api, unitUnder(number)));
    const order = await give(number);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/orders/${order}/progress?limit=2${cursor && `&cursor=${cursor}`}`;
      const page: Progress = bodyOf(await shipper.api.get<Progress>(path));
      expect(page.stops[0]?.units.length).toBe(page.units.length);
      seen.push(...page.units.map(({ unit }) => unit.id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(units.reverse());
  });
});

describe('who learns of an order', () => {
  it('are its parties alone: driver, vehicle and requirements, and its progress', async () => {
    const number = newNumber();
    const price = { price: { value: 12.5, currency: 'PLN' }, interval_of_days: 'P10D' };
    const order = await give(number, shipper, {
      ...{ payment: price, vehicle: { registration_plate_number: 'SPS 212' } },
      payer: { name: 'Payer', organization_id: carrier.id },
    });
    for (const as of [shipper, carrier]) {
      expect(bodyOf(await as.api.get(`/orders/${order}`))).toMatchObject({
        ...{ id: order, number, stops: [{ sequence: 1 }, { sequence: 2 }] },
        content: {
          driver: { identity_document_number: 'AFA180815' },
          vehicle: { registration_plate_number: 'SPS 212' },
        },
      });
      expect((await progressOf(order, as)).status).toBe(200);
    }
    const unknown = order.replace(/^.{8}/, '01990000');
    for (const path of ['', '/progress']) {
      for (const id of [order, unknown, 'none']) {
        const answer = await stranger.api.get(`/orders/${id}${path}`);
        expect(answer.status).toBe(404);
        expect(answer.body).toMatchObject({
          ...problem(404, 'not-found'),
          detail: 'no such order',
        });
      }
    }
  });

  it('is nobody by booking a unit under its number, nor by giving an order of that number', async () => {
    const number = newNumber();
    const ours = await book(shipper.api, unitUnder(number));
    const theirs = await book(
      stranger.api,
      unitUnder(number, { parties: [partyOf(shipper, 'shipper')] }),
    );
    const [order, theirOrder] = [
      await give(number),
      await give(number, stranger, { route: { events: [stop('loading', berlin, 12)] } }),
    ];
    expect(await namesOf(shipper.api, ours)).toEqual(both);
    expect(await namesOf(stranger.api, theirs)).toEqual(['planned loaded']);
    const unitsOf = async (id: string, as: Client) =>
      bodyOf(await progressOf(id, as)).units.map(({ unit }) => unit.id);
    expect(await unitsOf(order, shipper)).toEqual([ours]);
    expect(await unitsOf(theirOrder, stranger)).toEqual([theirs]);
  });

  it('sees of its units only those that it may see', async () => {
    const number = newNumber();
    const order = await give(number, shipper, {
      carrier: { name: 'Carrier', organization_id: carrier.id },
    });
    const [hidden, shown] = [
      await book(shipper.api, unitUnder(number)),
      await book(shipper.api, unitUnder(number, { parties: [partyOf(carrier, 'observer')] })),
    ];
    const seen = async (as: Client) =>
      bodyOf(await progressOf(order, as)).units.map(({ unit }) => unit.id);
    expect(await seen(carrier)).toEqual([shown]);
    expect(await seen(shipper)).toEqual([shown, hidden]);
  });
});

describe('a hub that is killed between order and booking', () => {
  it('has planned every stop once when it is back', { timeout: 600_000 }, async () => {
    const dataDir = await scratchFolder();
    try {
      let hub = await startHub({ dataDir });
      const operator = apiOf(hub.url, adminKey);
      const made = await operator.send<{ id: string }>('POST', '/organizations', { name: 'S' });
      const organization = bodyOf(made, 201).id;
      const token = await orderToken(hub.url, organization);
      const numbers = Array.from({ length: 60 }, newNumber);
      let answered = 0;
      const settle = async (work: Promise<Answer<unknown>>) => {
        const status = await work.then(
          (answer) => answer.status,
          () => 0,
        );
        answered += 1;
        if (answered === 40) void hub.end('SIGKILL');
        return status;
      };
      const put = (number: string) =>
        operator.send('PUT', '/handling-units', unitUnder(number, { organization }));
      const statuses = await Promise.all(
        numbers.flatMap((number) => [
          settle(put(number)),
          settle(sendOrder(token, orderOf(number), hub.url)),
        ]),
      );
      expect(statuses).toContain(201);
      expect(statuses).toContain(0);
      hub = await startHub({ dataDir });
      const again = apiOf(hub.url, adminKey);
      // What was cut off is sent again; what had been kept is not made twice.
      const repeated = await Promise.all(
        numbers.map((number) => sendOrder(token, orderOf(number), hub.url)),
      );
      expect(repeated.map(({ status }) => status).every((one) => [201, 409].includes(one))).toBe(
        true,
      );
      const units = bodyOf(
        await again.get<Page<{ id: string }>>('/handling-units?limit=200'),
      ).items;
      expect(units.length).toBeGreaterThan(0);
      const planned = () => Promise.all(units.map(({ id }) => namesOf(again, id)));
      await expect.poll(planned, { timeout: 120_000 }).toEqual(units.map(() => both));
      expect(await hub.end('SIGTERM')).toBe(0);
    } finally {
      await removeFolder(dataDir);
    }
  });
});
