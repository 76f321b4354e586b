/** Who may register an event of a parcel, and who is told of it. */
import { describe, expect, it } from 'vitest';
import {
  adminKey,
  bodyOf,
  book,
  type Page,
  record,
  request,
  subscribe,
} from '../support/client.ts';
import { loginOf } from '../support/parcel-calls.ts';
import {
  type ErrorBody,
  errorOf,
  eventsOf,
  registerPath,
  useRegistering,
} from '../support/parcel-registering.ts';
import { arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();
const given = useRegistering(stand);

/** What an `errorMap` of one entry looks like. */
const named = (part: string) => ({ [part]: expect.any(String) });

describe('who may register', () => {
  const event = (trackingReference: string) => ({
    trackingReference,
    eventTime: '2026-11-01T10:00:00Z',
    eventType: '013',
  });

  it('answers unknown and foreign parcels alike, and creates neither', async () => {
    const stranger = await stand.join('Stranger');
    await given.parcel('FOREIGN-1');
    const strangers = await loginOf(stand.url, stranger);
    const told = async (reference: string) => {
      const answer = await given.register<ErrorBody>(strangers, event(reference));
      expect(answer.body.errorMap).toHaveProperty('trackingReference');
      const { errorTrackingNr = '' } = answer.body;
      return {
        status: answer.status,
        text: answer.text.replaceAll(reference, '…').replace(errorTrackingNr ?? '', '…'),
      };
    };
    const foreign = await told('FOREIGN-1');
    expect(foreign).toEqual(await told('UNKNOWN-1'));
    expect(foreign).toMatchObject({
      status: 404,
      text: expect.stringContaining('cannot.find.parcel'),
    });
    expect(await eventsOf(given.shop, 'FOREIGN-1')).toEqual([]);
    for (const reference of ['FOREIGN-1', 'UNKNOWN-1']) {
      const units = await stand.operator.get<Page<unknown>>(
        `/handling-units?reference=${reference}`,
      );
      expect(bodyOf(units).items).toHaveLength(reference === 'FOREIGN-1' ? 1 : 0);
    }
  });

  it('needs a token of a login, unspoilt', async () => {
    await given.parcel('PROOF-1');
    const cases: readonly Record<string, string>[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer nonsense' },
      { authorization: `Bearer ${given.token}x` },
      { authorization: `Basic ${given.token}` },
      { authorization: given.token },
      { authorization: `Bearer ${adminKey}` },
    ];
    for (const headers of cases) {
      const body = event('PROOF-1');
      const answer = await request(`${stand.url}${registerPath}`, { headers, body });
      expect({ headers, body: answer.body }).toEqual({
        headers,
        body: { ...errorOf(401, 'not.authenticated'), errorMap: named('Authorization') },
      });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="portolan"');
    }
    expect(await eventsOf(given.shop, 'PROOF-1')).toEqual([]);
  });

  it('needs the service, and the right to add to the parcel', async () => {
    const reader = await stand.join('Reader');
    await given.parcel('RIGHTS-1', [{ organization: reader.id, role: 'observer' }]);
    const unserved = { username: 'unserved', password: 'a-very-very-long-password' };
    const path = `/organizations/${reader.id}/users`;
    bodyOf(await stand.operator.send('POST', path, { ...unserved, services: [] }), 201);
    const noService = await given.register(
      await loginOf(stand.url, { ...reader, ...unserved }),
      event('RIGHTS-1'),
    );
    const noAccess = { ...errorOf(403, 'no.access.api'), errorMap: named('Authorization') };
    expect(noService.body).toEqual(noAccess);
    const application = await given.register(reader.token, event('RIGHTS-1'));
    expect(application.body).toEqual(noAccess);
    const observer = await given.register(await loginOf(stand.url, reader), event('RIGHTS-1'));
    expect(observer.body).toEqual(errorOf(403, 'no.access.parcel'));
    expect(observer.body).toMatchObject({ errorMap: named('trackingReference') });
    expect(await eventsOf(given.shop, 'RIGHTS-1')).toEqual([]);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('answers %s with 405', async (method) => {
    const answer = await request(`${stand.url}${registerPath}`, { method, token: given.token });
    expect(answer.body).toEqual(errorOf(405, 'method.not.allowed'));
    expect(answer.body).toMatchObject({ errorMap: named('method') });
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('answers what is not there in the same shape', async () => {
    const answer = await request(`${stand.url}/ws/json/parcel/tracking/v-9/register`, {
      token: given.token,
    });
    expect(answer.body).toEqual(errorOf(404, 'not.found'));
  });
});

describe('an event that was registered', () => {
  it('is pushed to every party and shows in its list of events, and nobody else’s', async () => {
    const [watcher, stranger] = await Promise.all([
      stand.joinAsClient('Watcher'),
      stand.joinAsClient('Stranger'),
    ]);
    const reference = '370724760010119761';
    const id = await given.parcel(reference, [
      { organization: given.network.id, role: 'carrier' },
      { organization: watcher.id, role: 'observer' },
    ]);
    const parties = { shop: given.shop, network: given.network, watcher };
    const secrets = new Map<string, string>();
    for (const [name, member] of Object.entries({ ...parties, stranger })) {
      const url = `${stand.receiver.url}/parcel-${name}`;
      secrets.set(name, (await subscribe(member.api, url, { freightFamily: 'Parcel' })).secret);
    }
    const registered = bodyOf(
      await given.register(given.token, {
        trackingReference: `(00)${reference}`,
        eventTime: '2022-08-04T12:51:00+01:00',
        eventType: '013',
      }),
    );
    for (const [name, member] of Object.entries(parties)) {
      const [listed] = await eventsOf(member, reference);
      const [push] = await arrivalsUntil(stand.receiver, `/parcel-${name}`, () => true);
      if (push === undefined) throw new Error('unreachable');
      expect(verified(push, secrets.get(name) ?? '')).toEqual({
        sequence: 1,
        event: listed,
        unit: { id, reference, spi: null },
      });
      expect(listed).toMatchObject({ id: registered.eventId, type: 'delivered' });
    }
    expect(await eventsOf(stranger, reference)).toEqual([]);
    // Number 1 of the stranger is an event of its own: it was not told of the other.
    await book(stranger.api, { reference: 'OWN-1', freightFamily: 'Parcel' });
    const own = { unit: { reference: 'OWN-1' }, type: 'lost', occurredAt: '2026-11-01T10:00:00Z' };
    const ownId = await record(stranger.api, own);
    const pushes = await arrivalsUntil(stand.receiver, '/parcel-stranger', () => true);
    expect(pushes.map((push) => JSON.parse(push.body.toString()))).toMatchObject([
      { sequence: 1, event: { id: ownId } },
    ]);
  });
});
