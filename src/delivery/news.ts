/**
 * What a lane does when a subscription was read from the table. One that has changed is forgotten by
 * its lane and read again, so whatever was changed of its deliveries (held, released, due times)
 * holds.
 */
import type { LaneEntry } from './lanes.ts';
import type { Machine } from './machine.ts';
import type { Target } from './targets.ts';

export interface Loaded {
  readonly target: Target;
  /** What was known. */
  readonly before: Target | undefined;
  /** Somebody said that it has changed. */
  readonly isNews: boolean;
}

export function takeIn(machine: Machine, { target, before, isNews }: Loaded): void {
  const { lanes } = machine;
  dropElsewhere(machine, target);
  const isChanged = isNews || (before !== undefined && before.version !== target.version);
  const entry =
    isChanged && target.isActive && machine.isRunning
      ? lanes.ensure(target.endpointId)
      : lanes.get(target.endpointId);
  if (entry === undefined) return;
  lanes.limit(entry, target.limits);
  const { lane } = entry;
  if (!target.isActive) lane.hold(target.id);
  else if (lane.holds(target.id)) release(machine, target, entry);
  else if (isChanged) readAgain(target, entry, machine.parts.steadyMs());
  else lane.open(target.id, machine.parts.steadyMs());
  lanes.touch(entry);
  lanes.pump();
}

function release(machine: Machine, target: Target, entry: LaneEntry): void {
  machine.searches += 1;
  void machine.targets.release(target).finally(() => {
    machine.searches -= 1;
    readAgain(target, entry, machine.parts.steadyMs());
    machine.lanes.touch(entry);
    machine.lanes.pump();
    machine.notify();
  });
}

function readAgain({ id }: Target, { lane }: LaneEntry, nowMs: number): void {
  lane.pace.reset();
  lane.hold(id);
  lane.reread();
  lane.open(id, nowMs);
}

/** It may have been moved here from another endpoint. */
function dropElsewhere({ lanes }: Machine, { id, endpointId }: Target): void {
  for (const entry of lanes.all()) {
    if (entry.endpointId === endpointId || !entry.lane.knows(id)) continue;
    entry.lane.hold(id);
    lanes.touch(entry);
  }
}
