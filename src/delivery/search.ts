/** Looks for what nobody handed over: every so often, when asked, and when another process tells. */
import { readMessage } from './courier.ts';
import type { Machine } from './machine.ts';
import { bucketCount } from './ownership.ts';

const endpointsPerPage = 1_000;

/** From the start on, until the engine stops. */
export function keepSearching(machine: Machine): void {
  const { steadyMs, settings } = machine.parts;
  let tookMs = 0;
  const timedSweep = async () => {
    const beganMs = steadyMs();
    await sweep(machine);
    tookMs = steadyMs() - beganMs;
  };
  repeat(machine, timedSweep, () => sweepPauseMs(machine, tookMs));
  repeat(
    machine,
    () => machine.targets.poll(),
    () => settings.subscriptionsEveryMs,
  );
}

/** A twentieth of the database's time at most, however many endpoints wait. */
function sweepPauseMs({ parts }: Machine, tookMs: number): number {
  const { sweepPauseMsMin, sweepPauseMsMax } = parts.settings;
  return Math.min(sweepPauseMsMax, Math.max(sweepPauseMsMin, 20 * tookMs));
}

/** Again and again with pauses, until the engine stops; a failure is a reason to try again. */
function repeat(machine: Machine, work: () => Promise<void>, pauseMs: () => number): void {
  const { timers } = machine.parts;
  const run = async () => {
    await search(machine, work);
    if (machine.isRunning) repeat(machine, work, pauseMs);
  };
  const timer = timers.set(() => {
    machine.timers.delete(timer);
    void run();
  }, pauseMs());
  machine.timers.add(timer);
}

/** A failure is told and forgotten: the next search finds the same. */
export async function search(machine: Machine, work: () => Promise<unknown>): Promise<void> {
  machine.searches += 1;
  try {
    await work();
  } catch (error) {
    machine.parts.logger.warn({ err: error }, 'looking for work failed');
  }
  machine.searches -= 1;
  machine.notify();
}

/** Finds endpoints with deliveries that nobody handed over, and lanes that are no longer needed. */
export async function sweep(machine: Machine): Promise<void> {
  const { lanes, parts } = machine;
  let before: string | undefined;
  for (let isMore = machine.ownership.count > 0; isMore; ) {
    const found = await parts.store.waitingEndpoints({ before, limit: endpointsPerPage });
    for (const { endpointId, lastPosition } of found) noteBehind(machine, endpointId, lastPosition);
    before = found.at(-1)?.endpointId;
    isMore = found.length === endpointsPerPage;
  }
  lanes.dropIdle();
  lanes.pump();
}

function noteBehind({ lanes }: Machine, endpointId: string, position: number): void {
  const entry = lanes.ensure(endpointId);
  entry.lane.noteBehind(position);
  if (entry.lane.isBehind) lanes.touch(entry);
}

/** Something was put into these buckets, by this process and without handing it over. */
export function wake(machine: Machine, buckets: readonly number[]): void {
  const isOurs = (bucket: number) => machine.isRunning && machine.ownership.owns(bucket);
  if (buckets.some(isOurs)) lookAround(machine);
  if (!buckets.every(isOurs)) machine.courier.tellAll();
}

/** Who else sends must hear of a subscription that was changed here. */
export function subscriptionChanged(machine: Machine, id: string): void {
  machine.targets.want(id, true);
  if (!machine.isRunning || machine.ownership.count < bucketCount) machine.courier.tellAll();
}

/** Another process has put something into the tables. */
export function hear(machine: Machine, message: string): void {
  const told = readMessage(message, machine.parts.processId);
  if (told === undefined || !machine.isRunning || machine.ownership.count === 0) return;
  if (told.endpoints === undefined) {
    lookAround(machine);
    return;
  }
  for (const { endpointId, position } of told.endpoints) noteBehind(machine, endpointId, position);
  machine.lanes.pump();
}

function lookAround(machine: Machine): void {
  void search(machine, () => Promise.all([sweep(machine), machine.targets.poll()]));
}
