/** Event subscriptions of the terminal: S2, S4 and S5 as its subscribers meet them. */
import { describe, expect, it } from 'vitest';
import { adminKey, bodyOf, book, type Client, record, request } from '../support/client.ts';
import { removeFolder, scratchFolder, startHub } from '../support/hub-process.ts';
import type { ReceivedRequest } from '../support/receiver.ts';
import { useStand, verified } from '../support/stand.ts';
import { type PastEvent, subscribed, terminalOf } from '../support/terminal-client.ts';

const stand = useStand();
const dayMs = 86_400_000;

/** ISO 6346 numbers of the tests' own; their check digits do not matter. */
let made = 0;
function newReference(): string {
  made += 1;
  return `PORT${String(made).padStart(7, '0')}`;
}

const documentsOf = (reference: string) => [
  { type: 'booking', reference: `BKG-${reference}` },
  { type: 'billOfLading', reference: `BOL-${reference}` },
];

interface Setting {
  readonly member: Client;
  readonly terminal: ReturnType<typeof terminalOf>;
  readonly reference: string;
  readonly unit: string;
  /** Path of the callback at the receiver. */
  readonly path: string;
  /** A request by booking, to the receiver. */
  readonly wish: { callbackUrl: string; bookingReference: string; equipmentReference: string };
  readonly tell: (event: object) => Promise<string>;
}

async function settle(): Promise<Setting> {
  const member = await stand.join('Terminal subscriber');
  const reference = newReference();
  const freightFamily = 'Container';
  const documents = documentsOf(reference);
  const unit = await book(member.api, { reference, freightFamily, documents });
  const path = `/send/${reference}/here`;
  return {
    member,
    terminal: terminalOf(stand.url, member),
    reference,
    unit,
    path,
    wish: {
      callbackUrl: stand.receiver.url + path,
      bookingReference: `BKG-${reference}`,
      equipmentReference: reference,
    },
    tell: (event) => record(member.api, { unit: { reference }, ...event }),
  };
}

const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString();

const arrived = (path: string): Promise<ReceivedRequest> =>
  stand.receiver.waitFor((received) => received.path === path);

const below = (path: string) =>
  stand.receiver.requests
    .filter((received) => received.path.startsWith(`${path}/`))
    .map((received) => received.path.slice(`${path}/api/v1/transportEvents/`.length));

describe('a subscription', () => {
  it('is created, listed, retrieved and deleted', async () => {
    const { terminal, wish, reference } = await settle();
    const given = {
      ...wish,
      bookingReference: 'null',
      transportDocumentID: `BOL-${reference}`,
      transportDocumentType: 'BOL',
    };
    const created = await terminal.create(given);
    const { subscriptionID: id } = bodyOf(created, 201);
    const shown = { subscriptionID: id, ...given, bookingReference: null };
    expect(created.body).toEqual(shown);
    expect(created.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(bodyOf(await terminal.get(id))).toEqual(shown);
    expect(bodyOf(await terminal.list())).toEqual([shown]);
    expect(bodyOf(await terminal.events(id))).toEqual([]);
    const removed = await terminal.remove(id);
    expect([removed.status, removed.text]).toEqual([204, '']);
    const statuses = [terminal.remove(id), terminal.get(id), terminal.events(id)];
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(bodyOf(await terminal.list())).toEqual([]);
  });

  it('is one and the same when asked for twice, also at once', async () => {
    const { terminal, wish } = await settle();
    const spelled = {
      ...wish,
      callbackUrl: `${wish.callbackUrl}/`,
      transportDocumentID: null,
      equipmentReference: ` ${wish.equipmentReference.toLowerCase()} `,
    };
    const ids = await Promise.all(
      [wish, spelled, wish, spelled].map((body) => subscribed(terminal, body)),
    );
    expect(new Set(ids).size).toBe(1);
    expect(bodyOf(await terminal.list())).toHaveLength(1);
  });

  it('takes the key in the query too, and refuses two that differ', async () => {
    const { member } = await settle();
    const url = `${stand.url}/event-subscriptions`;
    const other = await stand.join('Another');
    expect((await request(`${url}?key=${member.apiKey}`)).status).toBe(200);
    const headers = { 'x-api-key': other.apiKey };
    expect((await request(`${url}?key=${member.apiKey}`, { headers })).status).toBe(401);
    expect((await request(url)).status).toBe(401);
  });

  it('needs an offer that holds this API', async () => {
    const { member } = await settle();
    const base = `${stand.url}/hub/v1`;
    const name = `hub only ${made}`;
    const offer = { name, dialects: ['hub'] };
    bodyOf(await request(`${base}/offers`, { token: adminKey, body: offer }), 201);
    const key = await request<{ apiKey: string }>(`${base}/organizations/${member.id}/api-keys`, {
      token: adminKey,
      body: { name: 'k', offer: name },
    });
    const terminal = terminalOf(stand.url, bodyOf(key, 201));
    expect((await terminal.list()).status).toBe(403);
  });

  it('answers alike for an unknown container, a hidden one and a foreign document', async () => {
    const { wish } = await settle();
    const stranger = await settle();
    const answers = await Promise.all([
      stranger.terminal.create(wish),
      stranger.terminal.create({ ...wish, equipmentReference: newReference() }),
      stranger.terminal.create({ ...stranger.wish, bookingReference: wish.bookingReference }),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([400, 'invalid-input']);
      expect(body.errors?.map(({ field }) => field)).toEqual(['bookingReference']);
    }
    expect(new Set(answers.map(({ body }) => body.message)).size).toBe(1);
  });

  it('of another organization, or of another dialect, does not exist', async () => {
    const { terminal, wish, member } = await settle();
    const id = await subscribed(terminal, wish);
    const stranger = await settle();
    const hubs = await member.api.send<{ id: string }>('POST', '/subscriptions', {
      url: wish.callbackUrl,
    });
    const unknown = '0198b0d2-8a00-7000-8000-000000000000';
    const bodies: string[] = [];
    for (const [who, gone] of [
      [stranger.terminal, id],
      [terminal, unknown],
      [terminal, bodyOf(hubs, 201).id],
    ] as const) {
      for (const answer of [await who.get(gone), await who.events(gone), await who.remove(gone)]) {
        expect(answer.status).toBe(404);
        bodies.push(answer.text.replace(/"timestamp":"[^"]*"/, ''));
      }
    }
    expect(new Set(bodies).size).toBe(1);
    expect((await terminal.get(id)).status).toBe(200);
    expect(bodyOf(await stranger.terminal.list())).toEqual([]);
  });
});

describe('a push', () => {
  it('of a gate out goes to the published address, signed, with every member (S2)', async () => {
    const { terminal, wish, member, reference, unit, path, tell } = await settle();
    const id = await subscribed(terminal, wish);
    const secret = bodyOf(
      await member.api.send<{ secret: string }>('POST', `/subscriptions/${id}/rotate-secret`),
    ).secret;
    const occurredAt = new Date(Math.floor(Date.now() / 1_000) * 1_000);
    await tell({
      type: 'gated-out',
      occurredAt: occurredAt.toISOString(),
      mode: 'road',
      direction: 'import',
      place: { unlocode: 'USORF', location: 'USORF-NIT' },
      vehicle: { id: 'XYZ 123' },
      full: true,
    });
    const push = await arrived(`${path}/api/v1/transportEvents/actualGateOut`);
    expect(push.method).toBe('POST');
    expect(push.headers['content-type']).toBe('application/json');
    const body = verified(push, secret);
    expect(Object.keys(body)).toHaveLength(15);
    expect(body).toMatchObject({
      originatorName: 'Terminal subscriber',
      originatorId: member.id,
      transportEquipmentId: unit,
      transportEquipmentRef: null,
      equipmentNumber: reference,
      carrierBookingNumber: `BKG-${reference}`,
      billOfLadingNumber: `BOL-${reference}`,
      eventOccurrenceTime8601: occurredAt.toISOString().replace('Z', '+00:00'),
      transportationPhase: 'Import',
      location: { unlocode: 'USORF', smdgTerminal: 'USORF-NIT' },
      vehicleId: 'XYZ 123',
      vehicleName: null,
      fullStatus: 'Full',
      terminal: 'USORF-NIT',
    });
    const known = await member.api.get<{ expiresAt: string }>(`/subscriptions/${id}`);
    expect(Date.parse(bodyOf(known).expiresAt) - occurredAt.getTime()).toBe(3 * dayMs);
    const [past] = bodyOf(await terminal.events(id));
    expect(past).toEqual({ eventType: 'actualGateOut', eventData: body });
  });

  it('finds its way through a callback with a query and a slash at its end', async () => {
    const { terminal, wish, path, tell } = await settle();
    await subscribed(terminal, { ...wish, callbackUrl: `${wish.callbackUrl}/?tenant=7&x=/` });
    await tell({ type: 'shifted', occurredAt: daysAgo(1) });
    await arrived(`${path}/api/v1/transportEvents/shiftCell?tenant=7&x=/`);
  });

  it('exists for each of the 24 names, and for nothing that has none', async () => {
    const { terminal, wish, member, path, tell } = await settle();
    const id = await subscribed(terminal, wish);
    const told: object[] = [];
    const expected: string[] = [];
    const add = (name: string | undefined, event: object) => {
      told.push({ ...event, occurredAt: new Date(Date.now() - dayMs + told.length).toISOString() });
      if (name !== undefined) expected.push(name);
    };
    const modes = { Vessel: 1, Rail: 2, Barge: 8 };
    for (const [leg, mode] of Object.entries(modes)) {
      add(`actual${leg}Arrival`, { type: 'arrived', mode });
      const discharged = leg === 'Barge' ? 'unitBargeDischargeActual' : `actualDischargeFrom${leg}`;
      add(discharged, { type: 'discharged', mode });
      add(`actualLoadedOn${leg}`, { type: 'loaded', mode });
      add(`actual${leg}Departure`, { type: 'departed', mode });
      const classifier = 'estimated';
      const isSaid = leg !== 'Rail';
      add(isSaid ? `estimated${leg}Arrival` : undefined, { type: 'arrived', mode, classifier });
      add(isSaid ? `estimated${leg}Departure` : undefined, { type: 'departed', mode, classifier });
      add(undefined, { type: 'arrived', mode, classifier: 'planned' });
    }
    add(undefined, { type: 'arrived' });
    add(undefined, { type: 'sealed' });
    add('estimatedGateIn', { type: 'gated-in', classifier: 'estimated' });
    add('actualGateIn', { type: 'gated-in' });
    add('estimatedGateOut', { type: 'gated-out', classifier: 'estimated' });
    add('shiftCell', { type: 'shifted' });
    add('customsHold', { type: 'customs-held' });
    add('customsRelease', { type: 'customs-released' });
    add('containerFullRelease', { type: 'released', full: true });
    add('actualGateOut', { type: 'gated-out' });
    for (const event of told) await tell(event);
    await arrived(`${path}/api/v1/transportEvents/actualGateOut`);
    expect(expected).toHaveLength(24);
    expect(below(path)).toEqual(expected);
    const known = await member.api.get<{ lastSequence: number }>(`/subscriptions/${id}`);
    expect(bodyOf(known).lastSequence).toBe(24);
    const past = bodyOf(await terminal.events(id)).map(({ eventType }) => eventType);
    expect(past).toEqual(expected);
  });

  it('tells a correction again and a retraction not, and past events show what holds (S4)', async () => {
    const { terminal, wish, path, tell } = await settle();
    // Told before the subscription: among the past events, and not pushed.
    await tell({ type: 'gated-in', occurredAt: daysAgo(9) });
    const id = await subscribed(terminal, wish);
    const wrong = await tell({ type: 'customs-held', occurredAt: daysAgo(8) });
    const right = daysAgo(7);
    await tell({ type: 'customs-held', occurredAt: right, replaces: wrong });
    const gone = await tell({ type: 'customs-released', occurredAt: daysAgo(6) });
    await tell({ type: 'customs-released', occurredAt: daysAgo(6), retracts: gone });
    await tell({ type: 'shifted', occurredAt: daysAgo(5) });
    await arrived(`${path}/api/v1/transportEvents/shiftCell`);
    expect(below(path)).toEqual(['customsHold', 'customsHold', 'customsRelease', 'shiftCell']);
    const past = bodyOf<PastEvent[]>(await terminal.events(id));
    expect(past.map(({ eventType }) => eventType)).toEqual([
      'actualGateIn',
      'customsHold',
      'shiftCell',
    ]);
    expect(past[1]?.eventData['eventOccurrenceTime8601']).toBe(right.replace('Z', '+00:00'));
  });
});

describe('expiry', () => {
  it('takes a subscription from the list, and leaves its id to its owner', async () => {
    const { terminal, wish, path, tell } = await settle();
    const id = await subscribed(terminal, wish);
    await tell({ type: 'loaded', mode: 1, occurredAt: daysAgo(5) });
    await tell({ type: 'departed', mode: 1, occurredAt: daysAgo(4) });
    await arrived(`${path}/api/v1/transportEvents/actualVesselDeparture`);
    expect(bodyOf(await terminal.list())).toEqual([]);
    expect(bodyOf(await terminal.get(id))).toEqual({
      subscriptionID: id,
      ...wish,
      transportDocumentID: null,
      transportDocumentType: null,
      state: 'expired',
    });
    expect(bodyOf(await terminal.events(id))).toHaveLength(2);
    // The same wish again is a new subscription, which has the whole time from now on.
    const again = await subscribed(terminal, wish);
    expect(again).not.toBe(id);
    expect(bodyOf(await terminal.list()).map((each) => each.subscriptionID)).toEqual([again]);
    expect((await terminal.remove(id)).status).toBe(204);
  });

  it('comes after as many days as the operator says', async () => {
    const dataDir = await scratchFolder();
    const start = (options: object) =>
      startHub({ dataDir, environment: { PORTOLAN_DIALECT_OPTIONS: JSON.stringify(options) } });
    try {
      await expect(start({ terminal: { expiryDays: 0 } })).rejects.toThrow(
        'wrong setting: PORTOLAN_DIALECT_OPTIONS: terminal: expiryDays',
      );
      await expect(start({ nobody: {} })).rejects.toThrow('there is no dialect nobody');
    } finally {
      await removeFolder(dataDir);
    }
  });
});
