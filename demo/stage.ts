/** What every scene of the story works with: register in a dialect, keep the books, tell of it. */

import { type DoorDialect, doors, type Ledger } from './books/ledger.ts';
import type { Happening } from './books/matching.ts';
import type { Role, Unit } from './cast.ts';
import type { Client } from './http.ts';
import type { World } from './provision.ts';
import { eventsRequest, readEventResults } from './speak/hub.ts';
import { readRegistered, registerRequest } from './speak/parcels.ts';

export interface Stage {
  readonly client: Client;
  readonly world: World;
  readonly ledger: Ledger;
  /** Waits until all that is due has arrived; false when the demo's patience is over first. */
  readonly settled: () => Promise<boolean>;
  /** One line of progress. */
  readonly say: (line: Line) => void;
}

export interface Line {
  /** Time of the story's day, e.g. `06:42`; empty outside it. */
  readonly time: string;
  readonly dialect: DoorDialect | 'soget' | 'terminal' | '';
  readonly text: string;
  readonly outcome?: string;
}

export type Outcome = 'recorded' | 'duplicate';

/** One budget for all waits of the story: when one step uses it up, the next ones wait no more. */
export function createSettled(ledger: Ledger, waitMsMax: number): Stage['settled'] {
  let leftMs = waitMsMax;
  return async () => {
    const startedAtMs = performance.now();
    const isSettled = await ledger.settled(leftMs);
    leftMs = Math.max(0, leftMs - (performance.now() - startedAtMs));
    return isSettled;
  };
}

/** Registers by the hub's API, one event or a batch. Throws unless the outcomes are as expected. */
export async function registerInHub(
  { client, world, ledger }: Stage,
  given: {
    readonly by: Role;
    readonly happenings: readonly Happening[];
    /** For each of `happenings`; all are `recorded` when left out. */
    readonly expect?: readonly Outcome[];
  },
): Promise<void> {
  const { by, happenings, expect = happenings.map(() => 'recorded') } = given;
  const bodies = happenings.map(bodyOf);
  const [only = {}] = bodies;
  const request = eventsRequest(world.members[by].token, bodies.length === 1 ? only : bodies);
  const answer = await client.send(request, 201);
  const results = readEventResults(answer.text);
  for (const [at, happening] of happenings.entries()) {
    const { id, status } = results[at] ?? { id: '', status: 'no result' };
    const outcome = check(status, expect[at], happening);
    if (outcome === 'duplicate') ledger.duplicate('hub');
    else ledger.recorded({ happening, registeredIn: 'hub', eventId: id, atMs: answer.readAtMs });
  }
}

/** An SPI names the passage; a reference alone means the newest one. */
function bodyOf({ unit: { reference, spi }, ...facts }: Happening): object {
  return { unit: spi === undefined ? { reference } : { spi }, ...facts };
}

/** What the parcel network's register call takes, beside the reference. */
export interface ParcelEvent {
  readonly eventType: string;
  readonly eventTime: string;
  readonly locationContext?: string;
  readonly locationContextId?: string;
  readonly lat?: number;
  readonly lon?: number;
  readonly comChannelType?: string;
  readonly message?: string;
}

/** Registers a parcel's event; `body` is sent as it is. Throws unless the outcome is as expected. */
export async function registerParcelEvent(
  { client, ledger }: Stage,
  given: {
    readonly token: string;
    readonly unit: Unit;
    /** What the hub has to make of the event type. */
    readonly type: string;
    readonly eventTime: string;
    readonly body: string;
    readonly expect: Outcome;
  },
): Promise<void> {
  const { unit, type, eventTime } = given;
  const happening = { unit, type, occurredAt: eventTime };
  const answer = await client.send(registerRequest(given.token, given.body), 200);
  const { eventId, duplicate } = readRegistered(answer.text);
  const outcome = check(duplicate ? 'duplicate' : 'recorded', given.expect, happening);
  if (outcome === 'duplicate') ledger.duplicate('parcels');
  else {
    ledger.recorded({ happening, registeredIn: 'parcels', eventId, atMs: answer.readAtMs });
  }
}

function check(status: string, expected: Outcome | undefined, { type, unit }: Happening): Outcome {
  if (status === expected) return expected;
  throw new Error(`${type} of ${unit.reference}: ${status} instead of ${expected}`);
}

/** Runs one step, waits for the pushes that it makes due, and tells both in one line. */
export async function step(stage: Stage, line: Line, act: () => Promise<void>): Promise<void> {
  const { ledger } = stage;
  const before = countsOf(ledger);
  await act();
  const isSettled = await stage.settled();
  const after = countsOf(ledger);
  const parts = [
    countText(after.recorded - before.recorded, 'recorded'),
    countText(after.duplicates - before.duplicates, 'known already'),
    ...(['hub', 'soget', 'terminal'] as const).map((dialect) =>
      countText(after[dialect] - before[dialect], `pushed as ${dialect}`),
    ),
    isSettled ? '' : 'NOT ALL ARRIVED',
  ];
  stage.say({ ...line, outcome: parts.filter((part) => part !== '').join(', ') });
}

function countsOf({ counts, routes }: Ledger) {
  const received = (dialect: string) =>
    routes()
      .filter((route) => route.pushedAs === dialect)
      .reduce((total, route) => total + route.received, 0);
  return {
    recorded: doors.reduce((all, door) => all + counts[door].recorded, 0),
    duplicates: doors.reduce((all, door) => all + counts[door].duplicates, 0),
    hub: received('hub'),
    soget: received('soget'),
    terminal: received('terminal'),
  };
}

const countText = (count: number, what: string) => (count === 0 ? '' : `${count} ${what}`);
