/**
 * All that delivery asks of the database, as one thing. So the engine can be run against another
 * one: the simulation (test/simulation/) has a store in memory that crashes where it likes.
 */
import type { Database } from '../database.ts';
import { type Completion, completeDeliveries, type FailingSubscription } from './complete.ts';
import { warnSubscription } from './failing.ts';
import { type JoinGiven, joinProcesses, type Membership, tellProcesses } from './leases.ts';
import { type LanePage, type LaneRequest, readLane } from './read-lane.ts';
import {
  type ChangedSubscription,
  changedSubscriptions,
  disableSubscription,
  loadForSending,
  newestVersion,
  releaseHeld,
  type SendingRow,
} from './sending.ts';
import { type WaitingEndpoint, waitingEndpoints } from './waiting-endpoints.ts';

/** Each function is described where its statement is. */
export interface DeliveryStore {
  readonly join: (id: string, given: JoinGiven) => Promise<Membership>;
  readonly tell: (message: string) => Promise<void>;
  readonly complete: (
    owner: string,
    completions: readonly Completion[],
  ) => Promise<readonly FailingSubscription[]>;
  readonly readLane: (request: LaneRequest) => Promise<LanePage>;
  readonly waitingEndpoints: (
    page: Parameters<typeof waitingEndpoints>[1],
  ) => Promise<readonly WaitingEndpoint[]>;
  readonly loadForSending: (ids: readonly string[]) => Promise<readonly SendingRow[]>;
  readonly newestVersion: () => Promise<number>;
  readonly changedSubscriptions: (
    sinceVersion: number,
    limit: number,
  ) => Promise<readonly ChangedSubscription[]>;
  readonly disableSubscription: (
    given: Parameters<typeof disableSubscription>[1],
  ) => Promise<boolean>;
  readonly warnSubscription: (given: Parameters<typeof warnSubscription>[1]) => Promise<boolean>;
  readonly releaseHeld: (given: Parameters<typeof releaseHeld>[1]) => Promise<void>;
}

export function createDeliveryStore(database: Database): DeliveryStore {
  return {
    join: (id, given) => joinProcesses(database, id, given),
    tell: (message) => tellProcesses(database, message),
    complete: (owner, completions) => completeDeliveries(database, owner, completions),
    readLane: (request) => readLane(database, request),
    waitingEndpoints: (page) => waitingEndpoints(database, page),
    loadForSending: (ids) => loadForSending(database, ids),
    newestVersion: () => newestVersion(database),
    changedSubscriptions: (since, limit) => changedSubscriptions(database, since, limit),
    disableSubscription: (given) => disableSubscription(database, given),
    warnSubscription: (given) => warnSubscription(database, given),
    releaseHeld: (given) => releaseHeld(database, given),
  };
}
