/**
 * S4: a correction or a withdrawal is a record of its own, every dialect shows it by its own rule, and
 * what was known at a time can be asked for afterwards.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, book, type Member, type Page, record, request } from '../support/client.ts';
import type { Push } from '../support/hub-answers.ts';
import {
  type LogEvent,
  type ParcelCalls,
  parcelCalls,
  type Shipment,
} from '../support/parcel-calls.ts';
import { proofsOf, tracingPath, track } from '../support/soget-calls.ts';
import { arrivals, arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();

interface HubEvent {
  readonly id: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly replaces?: string;
  readonly retracts?: string;
  readonly place?: { readonly location?: string };
}

interface Unit {
  readonly id: string;
  readonly customsFlag: string;
  readonly documents: readonly object[];
  readonly state?: { readonly location?: string; readonly lastEvent: { readonly id: string } };
}

let member: Member;
let parcels: ParcelCalls;
beforeAll(async () => {
  member = await stand.join('Corrector');
  parcels = await parcelCalls(stand.url, [member]);
});

let made = 0;
const newReference = () => `CORR${String(++made).padStart(7, '0')}`;
const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00+01:00`;

/** What a terminal says of a container: a first word, its correction, and another that it withdraws. */
async function corrected() {
  const reference = newReference();
  const unit = await book(member.api, { reference, freightFamily: 'Container' });
  const path = `/${reference}`;
  const tracking = await track(stand.url, member, { reference, url: stand.receiver.url + path });
  bodyOf(tracking, 201);
  const tell = (event: object) => record(member.api, { unit: { reference }, ...event });
  const location = (code: string) => ({ place: { unlocode: 'FRLEH', location: code } });
  const first = await tell({ type: 'gated-in', occurredAt: at(8), ...location('WRONG') });
  const second = await tell({
    ...{ type: 'gated-in', occurredAt: at(9), ...location('RIGHT'), replaces: first },
  });
  const third = await tell({ type: 'gated-out', occurredAt: at(12), ...location('GATE') });
  const fourth = await tell({ type: 'gated-out', occurredAt: at(12), retracts: third });
  return { reference, unit, path, events: [first, second, third, fourth] as const };
}

const recordedAt = async (event: string) =>
  bodyOf(await member.api.get<HubEvent>(`/events/${event}`)).recordedAt;

const listed = async (query: string) =>
  bodyOf(await member.api.get<Page<HubEvent>>(`/events?${query}`)).items;

describe('the hub', () => {
  it('lists both versions, each under its own id', async () => {
    const { reference, events } = await corrected();
    const [first, second, third, fourth] = events;
    const shown = await listed(`unit=${reference}`);
    expect(shown.map(({ id }) => id).toSorted()).toEqual(events.toSorted());
    const byId = new Map(shown.map((event) => [event.id, event]));
    expect(byId.get(first)).toMatchObject({ place: { location: 'WRONG' } });
    expect(byId.get(second)).toMatchObject({ replaces: first, place: { location: 'RIGHT' } });
    expect(byId.get(fourth)).toMatchObject({ type: 'gated-out', retracts: third });
    for (const id of events) {
      expect(bodyOf(await member.api.get(`/events/${id}`))).toEqual(byId.get(id));
    }
  });

  it('pushes each version once, with what it replaces or retracts', async () => {
    const reference = newReference();
    await book(member.api, { reference, freightFamily: 'Container' });
    const url = `${stand.receiver.url}/hub-${reference}`;
    const wish = { url, filter: { reference } };
    const { secret } = bodyOf(
      await member.api.send<{ secret: string }>('POST', '/subscriptions', wish),
      201,
    );
    const tell = (event: object) => record(member.api, { unit: { reference }, ...event });
    const first = await tell({ type: 'loaded', occurredAt: at(8) });
    const second = await tell({ type: 'unloaded', occurredAt: at(8), replaces: first });
    const third = await tell({ type: 'unloaded', occurredAt: at(8), retracts: second });
    const path = `/hub-${reference}`;
    const pushes = await arrivalsUntil(stand.receiver, path, (text) => text.includes(third));
    const said = pushes.map((push) => verified<Push>(push, secret));
    expect(said.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(said.map(({ event }) => event)).toEqual([
      expect.objectContaining({ id: first }),
      expect.objectContaining({ id: second, replaces: first }),
      expect.objectContaining({ id: third, retracts: second }),
    ]);
  });

  it('refuses a correction of another unit’s event, of none, and of two kinds at once', async () => {
    const { reference, events } = await corrected();
    const other = newReference();
    await book(member.api, { reference: other, freightFamily: 'Container' });
    const told = { type: 'gated-in', occurredAt: at(7) };
    const refused = async (event: object, path: string) => {
      const answer = await member.api.send('POST', '/events', { ...told, ...event });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
      expect(answer.body).toHaveProperty('errors.0.path', path);
    };
    const [first] = events;
    await refused({ unit: { reference: other }, replaces: first }, 'replaces');
    await refused({ unit: { reference: other }, retracts: first }, 'retracts');
    const unknown = first.replace(/^.{8}/, '01234567');
    await refused({ unit: { reference }, replaces: unknown }, 'replaces');
    await refused({ unit: { reference }, replaces: first, retracts: first }, 'retracts');
  });
});

describe('what was known at a time', () => {
  it('is told by events, without what was recorded later', async () => {
    const { reference, events } = await corrected();
    for (const [index, event] of events.entries()) {
      const asOf = await recordedAt(event);
      const shown = await listed(`unit=${reference}&asOf=${asOf}`);
      expect(shown.map(({ id }) => id).toSorted()).toEqual(events.slice(0, index + 1).toSorted());
    }
    expect(await listed(`unit=${reference}&asOf=2020-01-01T00:00:00Z`)).toEqual([]);
  });

  it('is told by the state of the unit, alone and in a list', async () => {
    const { reference, unit, events } = await corrected();
    const [first, second, third, fourth] = events;
    const known = [
      [first, 'WRONG', first],
      [second, 'RIGHT', second],
      [third, 'GATE', third],
      [fourth, 'RIGHT', second],
    ] as const;
    for (const [event, location, last] of known) {
      const asOf = await recordedAt(event);
      const one = bodyOf(await member.api.get<Unit>(`/handling-units/${unit}?asOf=${asOf}`));
      expect(one.state).toMatchObject({ place: 'FRLEH', location, lastEvent: { id: last } });
      const path = `/handling-units?reference=${reference}&asOf=${asOf}`;
      const { items } = bodyOf(await member.api.get<Page<Unit>>(path));
      expect(items).toEqual([one]);
    }
    const now = bodyOf(await member.api.get<Unit>(`/handling-units/${unit}`));
    expect(now.state).toEqual({
      ...{ place: 'FRLEH', location: 'RIGHT' },
      lastEvent: { id: second, type: 'gated-in', classifier: 'actual', occurredAt: at(9) },
    });
  });

  it('is told by the unit’s booking: documents, customs, and that it is there at all', async () => {
    const reference = newReference();
    const booking = (name: string) => [{ type: 'booking', reference: `${name}-${reference}` }];
    const put = async (more: object) => {
      const unit = { reference, freightFamily: 'Container', ...more };
      return (await member.api.send<{ id: string }>('PUT', '/handling-units', unit)).body.id;
    };
    const id = await put({ documents: booking('OLD'), customsFlag: 'Import' });
    const { updatedAt: before } = bodyOf(
      await member.api.get<{ updatedAt: string }>(`/handling-units/${id}`),
    );
    await put({ documents: booking('NEW'), customsFlag: 'Export' });
    const old = `/handling-units?document=OLD-${reference}`;
    const shown = bodyOf(await member.api.get<Page<Unit>>(`${old}&asOf=${before}`)).items;
    expect(shown).toMatchObject([{ id, customsFlag: 'Import', documents: booking('OLD') }]);
    expect(bodyOf(await member.api.get<Page<Unit>>(old)).items).toEqual([]);
    const earlier = new Date(Date.parse(before) - 1).toISOString();
    expect((await member.api.get(`/handling-units/${id}?asOf=${earlier}`)).status).toBe(404);
    const wrong = await member.api.get(`/handling-units/${id}?asOf=noon`);
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: 'asOf' }] } });
  });
});

describe('SOGET', () => {
  it('is told each version, with AlertType and State', async () => {
    const { path } = await corrected();
    const isLast = (text: string) => text.includes('Deletion');
    const pushes = await arrivalsUntil(stand.receiver, path, isLast);
    const alerts = pushes.map(({ body }) => JSON.parse(body.toString()).HandlingUnit.Events[0]);
    const said = (AlertType: string, State: string, Location: string | null) => ({
      ...{ AlertType, State, Location },
    });
    expect(alerts).toMatchObject([
      said('Creation', 'Active', 'WRONG'),
      said('Modification', 'Active', 'RIGHT'),
      said('Creation', 'Active', 'GATE'),
      said('Deletion', 'Inactive', null),
    ]);
    expect(arrivals(stand.receiver, path)).toHaveLength(4);
  });

  it('traces the last version alone', async () => {
    const { reference } = await corrected();
    const answer = await request<{ items: { events: object[]; huLocation: object }[] }>(
      `${stand.url}${tracingPath}?reference=${reference}`,
      { headers: proofsOf(member) },
    );
    const [item] = bodyOf(answer).items;
    expect(item?.huLocation).toEqual({ place: 'FRLEH', location: 'RIGHT' });
    expect(item?.events).toMatchObject([
      { eventType: 'gated-in', eventDate: at(9), eventLocation: 'RIGHT' },
    ]);
  });
});

describe('the parcel log', () => {
  it('shows the last version in the place of the first, and nothing of what was withdrawn', async () => {
    const reference = `37072476${String(++made).padStart(10, '0')}`;
    await book(member.api, { reference, freightFamily: 'parcel' });
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const tell = (event: object) => record(member.api, { unit: { reference }, ...event });
    const place = (name: string) => ({ place: { name } });
    await tell({ type: 'received', occurredAt: hoursAgo(9), ...place('Depot') });
    const wrong = await tell({ type: 'delivered', occurredAt: hoursAgo(3), ...place('Wrong') });
    // The sender corrects twice, and names the first record both times.
    for (const name of ['Nearly', 'Right']) {
      const correction = { type: 'not-delivered', occurredAt: hoursAgo(4), replaces: wrong };
      await tell({ ...correction, ...place(name) });
    }
    const lost = await tell({ type: 'lost', occurredAt: hoursAgo(2) });
    await tell({ type: 'lost', occurredAt: hoursAgo(2), retracts: lost });
    const v1 = bodyOf(await parcels.log<LogEvent[]>(member, `v-1/fetch/${reference}/EN/false`));
    expect(v1.map(({ eventType }) => eventType.apiKey)).toEqual(['002', '057']);
    expect(v1.map((event) => event['locationContext'])).toEqual(['Depot', 'Right']);
    const v2 = bodyOf(await parcels.log<Shipment>(member, `v-2/fetch/${reference}/EN/true`));
    expect(v2.items[0]?.events.map(({ eventType }) => eventType.apiKey)).toEqual(['057']);
  });
});
