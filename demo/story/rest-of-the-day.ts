/**
 * The rest of the day's freight, at a steady rate: what the closing table measures delivery by. At
 * full speed the figures would tell how long the queue is, and not how long a push takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ordinaryContainers, ordinaryParcels, spellingsOf } from '../cast.ts';
import { loginV2 } from '../speak/parcels.ts';
import { registerInHub, registerParcelEvent, type Stage, step } from '../stage.ts';
import { secondAfter } from './clock.ts';

const eventsCount = 4_000;
const eventsPerSec = 500;
const tickMs = 10;
const inFlightMax = 32;
/** Every fifth event is a parcel's. */
const parcelsEvery = 5;

export async function playRestOfTheDay(stage: Stage): Promise<void> {
  const token = await loginV2(stage.client, stage.world.login);
  const text = `${eventsCount} more events, about ${eventsPerSec} a second`;
  await step(stage, { time: '19:00', dialect: '', text }, () =>
    atSteadyRate((index) =>
      index % parcelsEvery === 0 ? scanParcel(stage, token, index) : shift(stage, index),
    ),
  );
}

function shift(stage: Stage, index: number): Promise<void> {
  const unit = ordinaryContainers[index % ordinaryContainers.length];
  if (unit === undefined) throw new Error('there are no ordinary containers');
  return registerInHub(stage, {
    by: 'terminal',
    happenings: [
      {
        unit,
        type: 'shifted',
        occurredAt: secondAfter('19:00', index),
        place: { unlocode: 'FRLEH', location: 'MTDF' },
        message: `to row ${index % 40}`,
      },
    ],
  });
}

function scanParcel(stage: Stage, token: string, index: number): Promise<void> {
  const unit = ordinaryParcels[(index / parcelsEvery) % ordinaryParcels.length];
  if (unit === undefined) throw new Error('there are no ordinary parcels');
  const eventTime = secondAfter('19:00', index);
  const [trackingReference] = spellingsOf(unit.reference);
  return registerParcelEvent(stage, {
    ...{ token, unit, type: 'in-transit', eventTime, expect: 'recorded' },
    body: JSON.stringify({ trackingReference, eventTime, eventType: '004' }),
  });
}

/** Begins each of the calls when it is due, but never more than `inFlightMax` at a time. */
async function atSteadyRate(call: (index: number) => Promise<void>): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const startedAtMs = performance.now();
  for (let index = 0; index < eventsCount && failures.length === 0; index++) {
    const dueAtMs = startedAtMs + (index / eventsPerSec) * 1000;
    if (dueAtMs - performance.now() > tickMs) await sleep(tickMs);
    if (inFlight.size >= inFlightMax) await Promise.race(inFlight);
    const running = call(index)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => inFlight.delete(running));
    inFlight.add(running);
  }
  await Promise.all(inFlight);
  if (failures.length > 0) throw failures[0];
}
