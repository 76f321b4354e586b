/** A vessel's call: its containers from the announcement to the empty return. */
import type { Happening } from '../books/matching.ts';
import { containers, publishedTracingQuery, type Unit, vessel } from '../cast.ts';
import { list, member, parse, text } from '../json.ts';
import { tracingRequest } from '../speak/soget.ts';
import { registerInHub, type Stage, step } from '../stage.ts';
import { at } from './clock.ts';

const { traced, sample, third, transhipped } = containers;
const aboard = [traced, sample, third, transhipped];
const port = { unlocode: 'FRLEH' };
const terminal = { ...port, location: 'MTDF', name: 'Terminal de France' };

export async function playVesselCall(stage: Stage): Promise<void> {
  await arrival(stage);
  await discharge(stage);
  await customs(stage);
  await gateOut(stage);
  await emptyReturn(stage);
}

async function arrival(stage: Stage): Promise<void> {
  const arrived = (unit: Unit): Happening => ({
    unit,
    type: 'arrived',
    occurredAt: at('06:42'),
    place: port,
    mode: 1,
    vehicle: vessel,
  });
  const announced = (unit: Unit): Happening => ({
    ...arrived(unit),
    classifier: 'estimated',
    occurredAt: at('06:30'),
  });
  await step(stage, say('05:10', `${vessel.name} expected at 06:30 with 4 containers`), () =>
    registerInHub(stage, { by: 'port', happenings: aboard.map(announced) }),
  );
  await step(stage, say('06:42', `${vessel.name} arrived, one call for 4 containers`), () =>
    registerInHub(stage, { by: 'port', happenings: aboard.map(arrived) }),
  );
}

async function discharge(stage: Stage): Promise<void> {
  for (const [index, unit] of aboard.entries()) {
    const time = `07:${50 + index * 2}`;
    await step(stage, say(time, `${unit.reference} discharged`), () =>
      registerInHub(stage, {
        by: 'terminal',
        happenings: [
          {
            unit,
            type: 'discharged',
            occurredAt: at(time),
            place: terminal,
            mode: 1,
            way: 'in',
            vehicle: vessel,
            full: true,
          },
        ],
      }),
    );
  }
  await tell(stage, '08:05', "a partner's own code is kept and pushed as it is: DIR", {
    unit: sample,
    type: 'other',
    occurredAt: at('08:05'),
    place: terminal,
    codes: { soget: 'DIR' },
  });
}

async function customs(stage: Stage): Promise<void> {
  const held: Happening = {
    unit: traced,
    type: 'customs-held',
    occurredAt: at('08:30'),
    place: terminal,
    message: 'X-ray',
  };
  await tell(stage, '08:30', `${traced.reference} held by customs`, held);
  await checkTracing(stage, '09:00', 3);
  const released: Happening = {
    unit: traced,
    type: 'customs-released',
    occurredAt: at('10:05'),
    place: terminal,
  };
  await tell(stage, '10:05', `${traced.reference} released by customs`, released);
  await step(stage, say('10:06', 'the same hold and release sent again, and one for another'), () =>
    registerInHub(stage, {
      by: 'port',
      happenings: [held, released, { ...released, unit: third }],
      expect: ['duplicate', 'duplicate', 'recorded'],
    }),
  );
}

async function gateOut(stage: Stage): Promise<void> {
  const trucks = new Map([
    [traced, 'AB-417-KX'],
    [sample, 'FT-902-LM'],
    [third, 'GC-118-RD'],
  ]);
  let minute = 20;
  for (const [unit, plate] of trucks) {
    const time = `11:${minute}`;
    minute += 8;
    const gatedOut: Happening = {
      unit,
      type: 'gated-out',
      occurredAt: at(time),
      place: terminal,
      mode: 3,
      way: 'out',
      vehicle: { id: plate },
      full: true,
    };
    await step(stage, say(time, `${unit.reference} gated out by truck ${plate}`), () =>
      registerInHub(stage, { by: 'terminal', happenings: [gatedOut] }),
    );
  }
}

async function emptyReturn(stage: Stage): Promise<void> {
  const depot = { ...port, location: 'DEPOT7' };
  await tell(stage, '14:10', `${third.reference} stripped at the warehouse`, {
    unit: third,
    type: 'stripped',
    occurredAt: at('14:10'),
    place: { name: 'Estuary warehouse' },
  });
  await tell(stage, '16:40', `${traced.reference} returned empty`, {
    unit: traced,
    type: 'gated-in',
    occurredAt: at('16:40'),
    place: depot,
    mode: 3,
    way: 'in',
    full: false,
  });
  await checkTracing(stage, '16:45', 6);
}

function tell(stage: Stage, time: string, text: string, happening: Happening): Promise<void> {
  return step(stage, say(time, text), () =>
    registerInHub(stage, { by: 'port', happenings: [happening] }),
  );
}

const say = (time: string, text: string) => ({ time, dialect: 'hub', text }) as const;

/** SOGET's sample query, token and key: everything that has happened to that container so far. */
async function checkTracing(stage: Stage, time: string, eventsExpected: number): Promise<void> {
  const { client, world } = stage;
  const request = tracingRequest(world.members.shipper, publishedTracingQuery);
  const [unit] = list(parse((await client.send(request, 200)).text), 'items');
  const types = list(unit, 'events').map((event) => text(event, 'eventType'));
  if (types.length !== eventsExpected) {
    throw new Error(`tracing shows ${types.join(', ')}, not ${eventsExpected} events`);
  }
  const place = text(member(unit, 'huLocation'), 'location');
  stage.say({
    time,
    dialect: 'soget',
    text: `traced ${traced.reference}: ${types.length} events, now at ${place}`,
    outcome: types.join(', '),
  });
}
