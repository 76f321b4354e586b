/** The books of the demo: what was acknowledged, which pushes that makes due, and what arrived. */
import type { Push } from '../receiver.ts';
import { createInbox } from './inbox.ts';
import { type Happening, isDue, type PushDialect, type Wish } from './matching.ts';
import { createPairing } from './pairing.ts';
import { arrivedKey, expectedKey } from './push-keys.ts';

/** Dialects that events come in by; of an order its stops do. */
export const doors = ['hub', 'parcels', 'orders'] as const;
export type DoorDialect = (typeof doors)[number];

/** Pushes of events that came in by one dialect and went out by another, or by the same. */
export interface Route {
  readonly registeredIn: DoorDialect;
  readonly pushedAs: PushDialect;
  expected: number;
  received: number;
  verified: number;
  /** Acknowledged to received; 0 for a push that was faster than the acknowledgement. */
  readonly latenciesMs: number[];
}

export interface Acknowledged {
  readonly happening: Happening;
  readonly registeredIn: DoorDialect;
  readonly eventId: string;
  /** `performance.now()` when the acknowledgement had been read. */
  readonly atMs: number;
}

export interface Ledger {
  readonly counts: Readonly<Record<DoorDialect, { recorded: number; duplicates: number }>>;
  readonly routes: () => readonly Route[];
  /** A subscription exists: events recorded from now on may be due to it. */
  readonly follow: (wish: Wish) => void;
  readonly recorded: (acknowledged: Acknowledged) => void;
  readonly duplicate: (registeredIn: DoorDialect) => void;
  readonly arrived: (push: Push) => void;
  /** Waits until all that is due has arrived; false when the time is over first. */
  readonly settled: (waitMsMax: number) => Promise<boolean>;
  /** What went wrong, in words; empty when all is well. */
  readonly faults: () => string[];
}

interface Due {
  readonly wish: Wish;
  readonly acknowledged: Acknowledged;
  readonly route: Route;
}

export function createLedger(): Ledger {
  const counts = {
    hub: { recorded: 0, duplicates: 0 },
    parcels: { recorded: 0, duplicates: 0 },
    orders: { recorded: 0, duplicates: 0 },
  };
  const wishes = new Map<string, Wish>();
  const routes = createRoutes();
  const inbox = createInbox();
  const pairing = createPairing(settle);
  const faults: string[] = [];

  function recorded(acknowledged: Acknowledged): void {
    const { happening, registeredIn, eventId } = acknowledged;
    counts[registeredIn].recorded += 1;
    for (const wish of wishes.values()) {
      if (!isDue(wish, happening)) continue;
      const route = routes.between(registeredIn, wish.dialect);
      route.expected += 1;
      const key = `${wish.name} ${expectedKey(wish, happening, eventId)}`;
      pairing.due(key, { wish, acknowledged, route });
    }
  }

  function arrived(push: Push): void {
    const wish = wishes.get(push.subscription);
    if (!push.verified) faults.push(`bad signature on a push to ${push.subscription}`);
    if (wish === undefined) faults.push(`a push to ${push.subscription}, which is unknown`);
    else if (inbox.isNew(push)) {
      pairing.arrived(`${wish.name} ${arrivedKey(wish.dialect, push)}`, push);
    }
  }

  return {
    counts,
    routes: routes.all,
    follow: (wish) => wishes.set(wish.name, wish),
    recorded,
    duplicate(registeredIn) {
      counts[registeredIn].duplicates += 1;
    },
    arrived,
    settled: pairing.settled,
    faults: () => [
      ...faults,
      ...pairing.missing().map(missingText),
      ...pairing.unasked().map(unaskedText),
      ...inbox.gaps(),
    ],
  };
}

function createRoutes() {
  const routes: Route[] = [];
  return {
    all: () => routes,
    between(registeredIn: DoorDialect, pushedAs: PushDialect): Route {
      const found = routes.find(
        (route) => route.registeredIn === registeredIn && route.pushedAs === pushedAs,
      );
      if (found !== undefined) return found;
      const none = { expected: 0, received: 0, verified: 0, latenciesMs: [] };
      const route = { registeredIn, pushedAs, ...none };
      routes.push(route);
      return route;
    },
  };
}

function settle({ route, acknowledged }: Due, push: Push): void {
  route.received += 1;
  if (push.verified) route.verified += 1;
  route.latenciesMs.push(Math.max(0, push.atMs - acknowledged.atMs));
}

function missingText({ wish, acknowledged }: Due): string {
  const { type, unit, occurredAt } = acknowledged.happening;
  return `missing: ${type} of ${unit.reference} at ${occurredAt}, due to ${wish.name}`;
}

function unaskedText({ subscription, body }: Push): string {
  return `not expected at ${subscription}: ${JSON.stringify(body)}`;
}
