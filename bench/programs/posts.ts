/** Child program: the floor of the rows that drain: signed POSTs by bare undici, without storage. */
import { serveCalls } from '../channel.ts';
import { bodies, referenceOf } from '../load/bodies.ts';
import { createPusher, ids, type Place, type Pushed } from './push.ts';

type Pusher = ReturnType<typeof createPusher>;

/** Enough to keep both sides busy; more only cost. */
const connectionsPerEndpoint = 8;
const organization = ids.next(0);
const unitIds: string[] = [];

/** What the hub says of an event, as text. */
function pushOf(number: number, units: number): Pushed {
  const index = number % units;
  unitIds[index] ??= ids.next(index % 256);
  const reference = referenceOf(index);
  const unit = `{"id":"${unitIds[index]}","reference":"${reference}"`;
  const { unit: _, type, occurredAt, ...rest } = JSON.parse(bodies.event(number, units));
  const times = { occurredAt, occurredAtUtc: occurredAt, recordedAt: new Date().toISOString() };
  const source = { organization, dialect: 'hub', code: type, name: 'Port' };
  const tail = JSON.stringify({ type, ...times, ...rest, source }).slice(1);
  return { event: `{"id":"${ids.next(0)}","unit":${unit}},${tail}`, unit: `${unit},"spi":null}` };
}

let pushers: Pusher[] = [];
let number = 0;

const calls = {
  open({ places }: { places: readonly Place[] }): void {
    pushers = places.map((place) => createPusher(place, connectionsPerEndpoint));
  },
  /**
   * Posts to all endpoints in turn until there are `count` answers, each event to `copies` of them;
   * how many were not 2xx.
   */
  async post(given: { count: number; copies: number; units: number }): Promise<number> {
    const { count, copies, units } = given;
    let failures = 0;
    let begun = 0;
    let ended = 0;
    let push = pushOf(number, units);
    await new Promise<void>((resolve) => {
      const next = (pusher: Pusher) => {
        if (begun >= count) return;
        if (begun % copies === 0) push = pushOf(number++, units);
        begun += 1;
        pusher(push, (status) => {
          if (status < 200 || status > 299) failures += 1;
          ended += 1;
          if (ended === count) resolve();
          else next(pusher);
        });
      };
      for (let open = 0; open < connectionsPerEndpoint; open += 1) pushers.forEach(next);
    });
    return failures;
  },
};

export type PostsCalls = typeof calls;

serveCalls(calls);
