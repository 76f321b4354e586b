/**
 * The subscriptions that are being sent to, each loaded once and kept until it changes. A change
 * made by this process is told at once; one made by another is found by a cheap look at what
 * changed lately.
 */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { PushGiven } from '../dialects/dialect.ts';
import { present } from '../lib/present.ts';
import type { DeliveryStore } from '../store/deliveries/delivery-store.ts';
import type { ChangedSubscription, SendingRow } from '../store/deliveries/sending.ts';
import type { EndpointLimits } from './lanes.ts';
import { hostOf } from './observer.ts';
import type { Secrets } from './secrets.ts';
import type { DeliverySettings } from './settings.ts';
import type { Timers } from './timers.ts';

export interface Target {
  readonly id: string;
  readonly organizationId: string;
  readonly endpointId: string;
  readonly dialect: string;
  readonly url: string;
  /** Of its URL only this may be told. */
  readonly host: string;
  readonly isActive: boolean;
  readonly isDeleted: boolean;
  /** Of its endpoint; the same object for all that share it, as far as we heard. */
  readonly limits: EndpointLimits;
  /** It is told of the others of its organization too. */
  readonly takesNotices: boolean;
  /** What its dialect is given. */
  readonly subscription: PushGiven['subscription'];
  readonly secretSealed: string;
  readonly previousSecretSealed: string | undefined;
  readonly previousSecretUntilMs: number;
  readonly version: number;
}

export interface TargetsParts {
  readonly store: DeliveryStore;
  readonly secrets: Secrets;
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly settings: DeliverySettings;
  readonly logger: Pick<Logger, 'warn'>;
  /** After each load; `before` is what was known, `isNews` tells that it may have changed. */
  readonly onLoaded: (target: Target, before: Target | undefined, isNews: boolean) => void;
  /** Nothing is being loaded any more. */
  readonly onRest: () => void;
  /** Whether we send to this endpoint, or hold back what is for it. */
  readonly hasLane: (endpointId: string) => boolean;
}

interface OpenedSecrets {
  readonly secrets: readonly string[];
  readonly isRotating: boolean;
}

const idsPerLoadMax = 500;
const changesPerPage = 1_000;
/** Once a minute, at the usual pace. */
const pollsPerReview = 30;
/** Clocks of hubs may differ by this much, and transactions last this long, without a change missed. */
const overlapMicroseconds = 15_000_000;

export class Targets {
  private readonly parts: TargetsParts;
  private readonly known: LRUCache<string, Target>;
  /** Ids to load; true where it is told to have changed. */
  private readonly wanted = new Map<string, boolean>();
  /** Changed since they were loaded: nothing more goes out with an old secret, or to an old address. */
  private readonly outdated = new Set<string>();
  /** Being disabled: whatever the table says for a moment longer. */
  private readonly disabling = new Set<string>();
  /** Of a target as it was loaded; goes with it. */
  private readonly opened = new WeakMap<Target, OpenedSecrets>();
  private seenVersion: number | undefined;
  private polls = 0;
  private isLoading = false;
  private isStopped = false;

  constructor(parts: TargetsParts) {
    this.parts = parts;
    this.known = new LRUCache({ max: parts.settings.subscriptionsCachedMax });
  }

  /** Undefined where it is not loaded, or not since its last change, and where it must not be sent to. */
  active(id: string): Target | undefined {
    const target = this.outdated.has(id) ? undefined : this.known.get(id);
    return target?.isActive === true ? target : undefined;
  }

  /** Those that were known last; undefined where nothing is known. */
  limitsOf(id: string): EndpointLimits | undefined {
    return this.known.get(id)?.limits;
  }

  get isBusy(): boolean {
    return this.isLoading || this.wanted.size > 0 || this.disabling.size > 0;
  }

  /** The live secrets: the present one, and the one before until its end. */
  secretsOf(target: Target, nowMs: number): readonly string[] {
    const isRotating =
      target.previousSecretSealed !== undefined && nowMs < target.previousSecretUntilMs;
    const known = this.opened.get(target);
    if (known !== undefined && known.isRotating === isRotating) return known.secrets;
    const { secretSealed, previousSecretSealed } = target;
    const sealed = isRotating ? [secretSealed, previousSecretSealed ?? ''] : [secretSealed];
    const secrets = this.parts.secrets.open(sealed, target.id);
    this.opened.set(target, { secrets, isRotating });
    return secrets;
  }

  /** Loads it when there is time; `isNews` says that it has changed. */
  want(id: string, isNews: boolean): void {
    if (this.isStopped) return;
    this.wanted.set(id, isNews || this.wanted.get(id) === true);
    if (isNews && this.known.has(id)) this.outdated.add(id);
    if (!this.isLoading) {
      this.isLoading = true;
      this.parts.timers.set(() => void this.load(), 0);
    }
  }

  /** Straight from the table. */
  async find(id: string): Promise<Target | undefined> {
    const [row] = await this.parts.store.loadForSending([id]);
    return row === undefined ? undefined : this.targetOf(row);
  }

  /** Counts as disabled from now on, whatever the table says until `learnAgain`. */
  shut(target: Target): void {
    this.disabling.add(target.id);
    this.known.set(target.id, { ...target, isActive: false });
  }

  learnAgain({ id }: Target): void {
    this.disabling.delete(id);
    this.want(id, true);
  }

  /** Makes what is held back of an active subscription due. */
  release({ id, endpointId }: Target): Promise<void> {
    const { store, nowMs } = this.parts;
    return this.untilDone('held deliveries could not be released', () =>
      store.releaseHeld({ id, endpointId, nowMs: nowMs() }),
    );
  }

  /** Looks for changes made by other processes. */
  async poll(): Promise<void> {
    const { store } = this.parts;
    this.seenVersion ??= await store.newestVersion();
    let since = this.seenVersion - overlapMicroseconds;
    for (let isMore = true; isMore && !this.isStopped; ) {
      const rows = await store.changedSubscriptions(since, changesPerPage);
      for (const row of rows) this.compare(row);
      since = rows.at(-1)?.version ?? since;
      isMore = rows.length === changesPerPage;
    }
    this.seenVersion = Math.max(this.seenVersion, since);
    this.polls += 1;
    if (this.polls % pollsPerReview === 0) await this.review();
  }

  /** Compares all that are known, since a hub whose clock is behind dates its changes too early. */
  private async review(): Promise<void> {
    const ids = [...this.known.keys()];
    for (let from = 0; from < ids.length && !this.isStopped; from += idsPerLoadMax) {
      const rows = await this.parts.store.loadForSending(ids.slice(from, from + idsPerLoadMax));
      for (const row of rows) this.compare(row);
    }
  }

  private compare({ id, endpointId, version }: ChangedSubscription): void {
    const known = this.known.peek(id);
    const isStale = known !== undefined && known.version !== version;
    const isAwaited = known === undefined && this.parts.hasLane(endpointId);
    if (isStale || isAwaited) this.want(id, true);
  }

  stop(): void {
    this.isStopped = true;
    this.wanted.clear();
  }

  private async load(): Promise<void> {
    const batch = [...this.wanted].slice(0, idsPerLoadMax);
    for (const [id] of batch) this.wanted.delete(id);
    try {
      const ids = batch.map(([id]) => id);
      const rows = await this.parts.store.loadForSending(ids);
      const news = new Map(batch);
      for (const row of rows) this.learn(this.targetOf(row), news.get(row.id) === true);
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'subscriptions could not be loaded');
      for (const [id, isNews] of batch) {
        this.wanted.set(id, isNews || this.wanted.get(id) === true);
      }
      await this.pause();
    }
    if (this.wanted.size > 0 && !this.isStopped) return this.load();
    this.isLoading = false;
    this.parts.onRest();
  }

  private learn(target: Target, isNews: boolean): void {
    const before = this.known.peek(target.id);
    this.known.set(target.id, target);
    // One that has changed again meanwhile is loaded once more.
    if (!this.wanted.has(target.id)) this.outdated.delete(target.id);
    if (isNews) this.shareLimits(target);
    this.parts.onLoaded(target, before, isNews);
  }

  /** Who changes the limits of an endpoint changes one subscription; the others are told here. */
  private shareLimits({ endpointId, limits }: Target): void {
    const others = [...this.known.values()].filter((each) => each.endpointId === endpointId);
    for (const other of others) this.known.set(other.id, { ...other, limits });
  }

  private async untilDone(complaint: string, work: () => Promise<void>): Promise<void> {
    while (!this.isStopped) {
      try {
        return await work();
      } catch (error) {
        this.parts.logger.warn({ err: error }, complaint);
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    const { timers, settings } = this.parts;
    return new Promise((resolve) => timers.set(resolve, settings.retryDatabaseMs));
  }

  private targetOf(row: SendingRow): Target {
    const { id, dialect, url, settings } = row;
    return {
      id,
      organizationId: row.organizationId,
      endpointId: row.endpointId,
      dialect,
      url,
      host: hostOf(url),
      isActive: row.state === 'active' && !this.disabling.has(id),
      isDeleted: row.state === 'deleted',
      limits: present({ sendsMax: row.sendsMax, ratePerSecond: row.ratePerSecond }),
      takesNotices: row.notices,
      subscription: { id, url, dialect, settings, ...present({ externalId: row.externalId }) },
      secretSealed: row.secretSealed,
      previousSecretSealed: row.previousSecretSealed ?? undefined,
      previousSecretUntilMs: row.previousSecretUntil?.getTime() ?? 0,
      version: row.version,
    };
  }
}
