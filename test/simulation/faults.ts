/** What goes wrong in a run, and when: each fault comes again and again until all is quiet. */
import type { Hub } from './hub.ts';
import { moods } from './receivers.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;

/** By name: how long until it comes again, on average, and what it does. */
interface Fault {
  readonly name: string;
  readonly everyMs: number;
  readonly strike: (world: World) => void;
}

const onHub =
  (work: (hub: Hub, world: World) => void) =>
  (world: World): void => {
    const hub = world.hubs[world.dice.between(0, world.hubs.length - 1)];
    if (hub !== undefined) work(hub, world);
  };

const any = (world: World, ids: readonly string[]): string =>
  ids[world.dice.between(0, ids.length - 1)] ?? '';

/** Mostly short; in a slow run longer, but not as much as everything else. */
const span = ({ dice, scale }: World, mostMs: number): number =>
  dice.fraction() ** 2 * mostMs * Math.sqrt(scale);

const faults: readonly Fault[] = [
  { name: 'kill', everyMs: 12_000, strike: onHub((hub, world) => world.kill(hub)) },
  {
    name: 'stop',
    everyMs: 25_000,
    strike: onHub((hub, world) => {
      if (hub.isRunning) world.stop(hub);
    }),
  },
  {
    name: 'stall',
    everyMs: 25_000,
    strike: onHub((hub, world) => hub.process.stall(span(world, 60_000))),
  },
  { name: 'cut-off', everyMs: 25_000, strike: onHub((hub, world) => cutOff(hub, world)) },
  { name: 'broken link', everyMs: 25_000, strike: onHub((hub, world) => breakLink(hub, world)) },
  {
    name: 'wall clock',
    everyMs: 25_000,
    strike: onHub((hub, { dice }) => hub.process.jumpWall(dice.oneIn(2) ? hourMs : -hourMs)),
  },
  { name: 'database down', everyMs: 30_000, strike: takeDatabaseDown },
  {
    name: 'statements fail',
    everyMs: 10_000,
    strike: (world) => {
      world.server.failsOneIn = world.dice.oneIn(2) ? 30 : Number.POSITIVE_INFINITY;
    },
  },
  {
    name: 'mood',
    everyMs: 2_000,
    strike: (world) => {
      const { dice, receivers, endpoints } = world;
      receivers.set(any(world, endpoints), dice.oneIn(3) ? 'ok' : dice.oneOf(moods));
    },
  },
  { name: 'change', everyMs: 25_000, strike: changeSubscription },
  { name: 'replay', everyMs: 20_000, strike: replayOne },
];

/** Its statements come through late; the server may give its connection up meanwhile. */
function cutOff(hub: Hub, world: World): void {
  const ms = span(world, 90_000);
  hub.process.cutOff(ms);
  if (world.dice.oneIn(2))
    world.clock.after(ms * world.dice.fraction(), () => breakLink(hub, world));
}

function breakLink(hub: Hub, world: World): void {
  for (const link of world.server.links) {
    if (link.process === hub.process) link.breakIt(span(world, 5_000));
  }
}

function takeDatabaseDown(world: World): void {
  const { server, clock } = world;
  server.downUntilMs = clock.nowMs() + span(world, 60_000);
  server.generation += 1;
  for (const link of server.links) link.breakIt(span(world, 2_000));
}

/** As a user does it, by way of one of the hubs. */
function changeSubscription(world: World): void {
  onHub((hub) => {
    const { server, subscriptions } = world;
    const id = any(world, subscriptions);
    const isActive = server.tables.subscriptions.get(id)?.state === 'active';
    setState(world, hub, { id, state: isActive ? 'paused' : 'active' });
  })(world);
}

function setState(
  { server, watch, clock, dice }: World,
  hub: Hub,
  { id, state }: { readonly id: string; readonly state: 'active' | 'paused' },
): void {
  watch.touched(id);
  if (state === 'active') watch.resumed(id);
  server.tables.setState(id, state, hub.process.wallMs());
  const tellMs = dice.fraction() * 5;
  clock.after(tellMs, () => hub.process.hear(() => hub.engine.subscriptionChanged(id)));
}

function replayOne(world: World): void {
  onHub((hub) => {
    const { server, watch, clock, dice } = world;
    const { tables } = server;
    const ids = [...tables.done.keys(), ...tables.deliveries.keys()];
    const id = any(world, ids);
    const row = tables.done.get(id)?.row ?? tables.deliveries.get(id);
    if (row === undefined) return;
    watch.touched(row.subscriptionId);
    watch.replayed(id);
    tables.replay(id, hub.process.wallMs());
    const tellMs = dice.fraction() * 5;
    clock.after(tellMs, () => hub.process.hear(() => hub.engine.wake([row.bucket])));
  })(world);
}

/** Arms every fault that this run has; each run has some of them. */
export function armFaults(world: World, untilMs: number): void {
  const { clock, dice, scale } = world;
  for (const fault of faults) {
    if (dice.oneIn(2)) continue;
    const again = (): void => {
      const inMs = -Math.log(1 - dice.fraction()) * fault.everyMs * scale;
      if (clock.nowMs() + inMs > untilMs) return;
      clock.after(inMs, () => {
        world.note(`fault: ${fault.name}`);
        fault.strike(world);
        again();
      });
    };
    again();
  }
}

/** Everything works from now on, and what was stopped is resumed. */
export function mend(world: World): void {
  world.receivers.mend();
  world.server.failsOneIn = Number.POSITIVE_INFINITY;
  resume(world);
}

/** Again after a while: a 410 may have been on its way. */
export function resume(world: World): void {
  const { server, subscriptions, hubs, clock, scale } = world;
  const [hub] = hubs;
  for (const id of subscriptions) {
    if (hub === undefined || server.tables.subscriptions.get(id)?.state === 'active') continue;
    setState(world, hub, { id, state: 'active' });
  }
  clock.after(120_000 * scale, () => resume(world));
}
