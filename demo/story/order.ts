/**
 * A shipping order of the road exchange, and how its containers get along: one is booked before the
 * order is given and one after it, and both are told its stops.
 */
import { containerNumber, type Unit } from '../cast.ts';
import { bearer } from '../http.ts';
import type { World } from '../provision.ts';
import { bookUnit } from '../speak/hub.ts';
import { addOrder, readProgress } from '../speak/orders.ts';
import { registerInHub, type Stage, step } from '../stage.ts';
import { at } from './clock.ts';

const number = 'EN/17112026/3';

const unitOf = (serial: number): Unit => ({
  reference: containerNumber('TGHU', serial),
  freightFamily: 'Container',
  owner: 'shipper',
  parties: ['terminal'],
  documents: [{ type: 'order', reference: number }],
});
const early = unitOf(620_001);
const late = unitOf(620_002);

const quay = { latitude: 49.478_3, longitude: 0.171_6 };
const warehouse = { latitude: 49.420_1, longitude: 1.074_9 };

function orderOf({ members }: World): object {
  const stop = (type: string, address: object, [from, to]: readonly [string, string]) => ({
    type,
    place: { address, coordinates: type === 'loading' ? quay : warehouse },
    time_frame: { day: '2026-11-17', time_from: `${from}:00+01:00`, time_to: `${to}:00+01:00` },
  });
  const havre = { locality: 'Le Havre', postal_code: '76600', country: 'FR' };
  const rouen = { locality: 'Rouen', postal_code: '76100', country: 'FR' };
  return {
    number,
    route: {
      events: [
        stop('loading', { street: 'Route de la Brèque', ...havre }, ['13:00', '14:30']),
        stop('unloading', { street: 'Rue de Lyon', ...rouen }, ['16:00', '18:00']),
      ],
    },
    loads: [{ name: 'Coffee', type_of_load: 'bags', weight: { value: 24.5, unit_code: 'TNE' } }],
    carrier: { name: 'Terminal MTDF', organization_id: members.terminal.id },
    payment: { price: { value: 640.5, currency: 'EUR' }, interval_of_days: 'P30D' },
    driver: { given_name: 'Joe', family_name: 'Doe' },
    vehicle: { registration_plate_number: 'SPS 212' },
  };
}

export async function playOrder(stage: Stage): Promise<void> {
  const { client, world } = stage;
  const { token } = world.members.shipper;
  await book(stage, early);
  let order = '';
  const given = say('09:10', 'orders', `order ${number} over a booked container`);
  await step(stage, given, async () => {
    const added = await addOrder(client, token, orderOf(world));
    order = added.id;
    await expectPlanned(stage, { ...added, unit: early });
  });
  const booked = say('09:25', 'hub', `${late.reference} booked under it`);
  await step(stage, booked, async () => {
    await book(stage, late);
    await expectPlanned(stage, { id: order, unit: late, atMs: performance.now() });
  });
  await haul(stage);
  await tellProgress(stage, order);
}

const say = (time: string, dialect: 'hub' | 'orders', text: string) => ({ time, dialect, text });

function book({ client, world }: Stage, { owner, parties, ...unit }: Unit): Promise<void> {
  const named = parties.map((role) => ({ organization: world.members[role].id, role }));
  return bookUnit(client, world.members[owner].token, { ...unit, parties: named });
}

/** The unit has the order's two stops as planned events by now; whoever subscribed is told them. */
async function expectPlanned(
  { client, world, ledger }: Stage,
  { id, unit, atMs }: { readonly id: string; readonly unit: Unit; readonly atMs: number },
): Promise<void> {
  const stops = await readProgress(client, world.members.shipper.token, id);
  const planned = stops.flatMap((stop) =>
    stop.planned.map((event) => ({ ...event, type: stop.type })),
  );
  const own = planned.filter(({ reference }) => reference === unit.reference);
  if (own.length !== 2)
    throw new Error(`${unit.reference} has ${own.length} planned events, not 2`);
  for (const { id: eventId, type, occurredAt } of own) {
    const happening = { unit, type, classifier: 'planned', occurredAt } as const;
    ledger.recorded({ happening, registeredIn: 'orders', eventId, atMs });
  }
}

async function haul(stage: Stage): Promise<void> {
  const loaded = [early, late].map((unit, index) => ({
    ...{ unit, type: 'loaded', occurredAt: at(`14:${20 + index * 25}`), mode: 3 },
    ...{ place: { name: 'Gate 4', ...quay }, vehicle: { id: 'SPS 212' }, full: true },
  }));
  const line = say('14:45', 'hub', 'both loaded, the second a quarter of an hour late');
  await step(stage, line, () => registerInHub(stage, { by: 'terminal', happenings: loaded }));
  const unloaded = {
    ...{ unit: early, type: 'unloaded', occurredAt: at('17:05'), mode: 3 },
    ...{ place: { name: 'Dock 2', ...warehouse }, vehicle: { id: 'SPS 212' }, full: true },
  };
  const next = say('17:05', 'hub', `${early.reference} unloaded in Rouen`);
  await step(stage, next, () => registerInHub(stage, { by: 'terminal', happenings: [unloaded] }));
}

/** Planned beside actual for the carrier; for the stranger there is no such order. */
async function tellProgress({ client, world, ...stage }: Stage, order: string): Promise<void> {
  const { terminal, stranger } = world.members;
  const stops = await readProgress(client, terminal.token, order);
  const outcome = stops
    .map(({ type, done, units, minutesLate }) => {
      const most = Math.max(0, ...minutesLate);
      return `${type} ${done} of ${units}${most > 0 ? `, up to ${most} min late` : ''}`;
    })
    .join('; ');
  if (outcome !== 'loaded 2 of 2, up to 15 min late; unloaded 1 of 2') {
    throw new Error(`the progress of the order is: ${outcome}`);
  }
  stage.say({
    time: '17:10',
    dialect: 'orders',
    text: 'its progress, planned beside actual',
    outcome,
  });
  const path = `/hub/v1/orders/${order}/progress`;
  await client.send({ method: 'GET', path, headers: bearer(stranger.token) }, 404);
  const text = 'a stranger asks for the same order';
  stage.say({
    time: '17:11',
    dialect: 'orders',
    text,
    outcome: '404, as for an id that nobody has',
  });
}
