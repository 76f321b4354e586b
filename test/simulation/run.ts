/** Runs one seed from the first step to the last, and says what was wrong. */
import { armFaults, mend } from './faults.ts';
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
  let isMended = false;
  let steps = 0;
  while (watch.problems.length === 0 && !isOver(world, untilMs)) {
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
