/** Runs one seed from the first step to the last, and says what was wrong. */
import { armFaults, mend, resume } from './faults.ts';
import type { WatchCounts } from './watch.ts';
import { createWorld, type Sabotage, type World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** A hub is killed after this step, whatever else happens. */
  readonly killAtStep?: number;
  readonly sabotage?: Sabotage;
  readonly note?: (text: string) => void;
}

export interface RunResult extends WatchCounts {
  readonly seed: number;
  readonly steps: number;
  readonly problems: readonly string[];
}

/** Events that are recorded come during the first minute or two, and so do the faults. */
const faultMs = 36_000;
/** What failed just before the end may have half an hour to wait, and half of it more by chance. */
const quietMsMax = 2 * 3_600_000;
/** In a slow run the longest waits of the schedule may be under way. */
const slowQuietMsMax = 48 * 3_600_000;
/** Every so many seeds one is slow: the same work over up to four days, the whole schedule of retries. */
const slowEvery = 40;
const slowScale = 10_000;
const stepsMax = 200_000;
/** Some of the slow ones have a receiver that is down for days on end. */
export const downEvery = 10 * slowEvery;
const dayMs = 86_400_000;
/** After the faults: it comes back, and its subscriptions, which are disabled by then, are resumed. */
const backAfterMs = 7.5 * dayMs;
const resumedAfterMs = 9 * dayMs;
const dripEveryMs = dayMs / 3;

/** Lets everything that follows from the last step happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, killAtStep } = options;
  const world = createWorld({ ...options, scale: seed % slowEvery === 0 ? slowScale : 1 });
  const { clock, dice, watch } = world;
  const untilMs = dice.between(5_000, faultMs) * world.scale;
  for (let count = dice.between(1, 3); count > 0; count -= 1) world.start();
  armRecording(world, untilMs);
  armFaults(world, untilMs);
  const endMs = seed % downEvery === 0 ? armDown(world, untilMs) : untilMs;
  let isMended = false;
  let steps = 0;
  while (watch.problems.length === 0 && !isOver(world, endMs)) {
    clock.step();
    if (world.wasHeard()) await settled();
    steps += 1;
    if (steps === killAtStep) killOne(world);
    if (!isMended && clock.nowMs() > untilMs && world.hubs.some((hub) => hub.isRunning)) {
      isMended = true;
      world.note('all is mended');
      mend(world);
    }
    if (steps > stepsMax) throw new Error(`seed ${seed} does not end`);
  }
  if (watch.problems.length === 0) watch.finish();
  return { seed, steps, problems: watch.problems, ...watch.counts() };
}

function armRecording(world: World, untilMs: number): void {
  const { clock, dice, hubs, scale } = world;
  const pauseMs = dice.oneOf([300, 1_500, 5_000]) * scale;
  let left = dice.between(3, 30);
  const next = (): void => {
    if (left === 0 || clock.nowMs() > untilMs) return;
    // Often several come at once.
    for (let burst = dice.oneIn(3) ? dice.between(1, 6) : 1; burst > 0 && left > 0; burst -= 1) {
      const hub = hubs[dice.between(0, hubs.length - 1)];
      if (hub === undefined) break;
      left -= 1;
      world.record(hub);
    }
    clock.after(dice.fraction() * 2 * pauseMs, next);
  };
  next();
}

/**
 * One receiver is down from the beginning until long after the faults, and something is recorded
 * all the time; when that is over is returned. Nothing else is wrong when its time is up.
 */
function armDown(world: World, untilMs: number): number {
  const { clock, server, receivers, watch, dice, hubs } = world;
  const [first] = server.tables.subscriptions.values();
  const endpointId = first?.endpointId ?? '';
  const endMs = untilMs + resumedAfterMs;
  receivers.takeDown(endpointId);
  const drip = (): void => {
    const [hub] = hubs;
    if (clock.nowMs() > endMs) return;
    if (hub !== undefined) world.record(hub);
    clock.after((0.5 + dice.fraction()) * dripEveryMs, drip);
  };
  clock.after(untilMs, drip);
  clock.after(untilMs + backAfterMs, () => {
    world.note(`${endpointId} comes back`);
    for (const each of server.tables.subscriptions.values()) {
      if (each.endpointId === endpointId) watch.mustBeDisabled(each.id);
    }
    receivers.bringBack(endpointId);
  });
  clock.after(endMs, () => resume(world));
  return endMs;
}

function killOne(world: World): void {
  const hub = world.hubs[world.dice.between(0, world.hubs.length - 1)];
  if (hub !== undefined) world.kill(hub);
}

function isOver({ clock, server, hubs, scale }: World, untilMs: number): boolean {
  const nowMs = clock.nowMs();
  if (nowMs < untilMs) return clock.nextMs() === undefined;
  if (nowMs > untilMs + (scale === 1 ? quietMsMax : slowQuietMsMax)) return true;
  if (server.tables.deliveries.size > 0 || hubs.length === 0) return false;
  return hubs.every(({ isRunning, engine }) => {
    const { inFlight, unflushed, queued } = engine.stats();
    return isRunning && inFlight === 0 && unflushed === 0 && queued === 0;
  });
}
