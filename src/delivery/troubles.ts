/**
 * What follows when the pushes of a subscription have failed, all of them, for long: first a
 * warning, and days later it is disabled; one that answers 410 is disabled at once. Both are told:
 * on the subscription, in the log, to whoever counts, and by a notice to the organization's
 * subscriptions that wish for them. What is still to be sent is kept and sent when it is resumed.
 *
 * It is decided where a failure becomes durable, by what the table says then: there is no clock to
 * run down, and a subscription without deliveries is left alone.
 */
import type { Logger } from 'pino';
import { bucketOfId } from '../lib/id.ts';
import type { FailingSubscription } from '../store/deliveries/complete.ts';
import type { DeliveryStore } from '../store/deliveries/delivery-store.ts';
import type { SubscriptionInTrouble } from '../store/deliveries/notices.ts';
import { type NoticeGiven, noticeText } from './notice.ts';
import type { DeliverySettings } from './settings.ts';
import type { Target } from './targets.ts';
import type { Timers } from './timers.ts';

/** For metrics and logs. */
export interface Trouble {
  readonly what: NoticeGiven['what'];
  readonly reason: NoticeGiven['reason'];
  readonly subscription: string;
  readonly dialect: string;
}

export interface TroublesParts {
  readonly store: Pick<DeliveryStore, 'warnSubscription' | 'disableSubscription'>;
  readonly settings: DeliverySettings;
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly newId: (bucket: number) => string;
  readonly logger: Pick<Logger, 'warn'>;
  readonly find: (id: string) => Promise<Target | undefined>;
  /** From now on nothing of it may be sent. */
  readonly onDisabling: (target: Target) => void;
  /** It was tried; what the table says of the subscription is to be learned again. */
  readonly onDisabled: (target: Target) => void;
  /** There is a notice in this bucket. */
  readonly onNotice: (bucket: number) => void;
  readonly onTrouble: ((trouble: Trouble) => void) | undefined;
  readonly onRest: () => void;
}

export class Troubles {
  private readonly parts: TroublesParts;
  private readonly running = new Set<string>();
  private isStopped = false;

  constructor(parts: TroublesParts) {
    this.parts = parts;
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  stop(): void {
    this.isStopped = true;
  }

  heard(failing: readonly FailingSubscription[]): void {
    const { failingWarnMs, failingDisableMs, failingGraceMs } = this.parts.settings;
    for (const each of failing) {
      const { subscriptionId: id, failingMs, warnedMs } = each;
      if (warnedMs === null && failingMs >= failingWarnMs) {
        void this.once(id, () => this.warn(each));
      } else if (failingMs >= failingDisableMs && (warnedMs ?? 0) >= failingGraceMs) {
        void this.once(id, () => this.end(each));
      }
    }
  }

  /** Its receiver wants nothing more. */
  gone(target: Target): void {
    void this.once(target.id, () => this.disable(target, { reason: 'gone' }));
  }

  /** A second failure meanwhile says nothing new. */
  private async once(id: string, work: () => Promise<void>): Promise<void> {
    if (this.running.has(id)) return;
    this.running.add(id);
    try {
      await work();
    } catch (error) {
      // The next failure brings it here again.
      this.parts.logger.warn({ err: error, subscription: id }, 'a warning could not be stored');
    }
    this.running.delete(id);
    this.parts.onRest();
  }

  private async warn({ subscriptionId, failingSinceMs }: FailingSubscription): Promise<void> {
    const target = await this.parts.find(subscriptionId);
    if (target === undefined) return;
    const given = { what: 'failing', reason: 'failing', failingSinceMs } as const;
    const change = this.changeOf(target, given);
    if (await this.parts.store.warnSubscription(change)) this.tell(target, given, change);
  }

  private async end({ subscriptionId, failingSinceMs }: FailingSubscription): Promise<void> {
    const target = await this.parts.find(subscriptionId);
    if (target?.isActive === true)
      await this.disable(target, { reason: 'failing', failingSinceMs });
  }

  /** Tries until it is durable. */
  private async disable(
    target: Target,
    why: Pick<NoticeGiven, 'reason' | 'failingSinceMs'>,
  ): Promise<void> {
    const { store, logger } = this.parts;
    const given = { what: 'disabled', ...why } as const;
    this.parts.onDisabling(target);
    while (!this.isStopped) {
      const change = this.changeOf(target, given);
      try {
        const isDone = await store.disableSubscription({ ...change, reason: why.reason });
        if (isDone) this.tell(target, given, change);
        break;
      } catch (error) {
        logger.warn({ err: error }, 'a subscription could not be disabled');
        await this.pause();
      }
    }
    this.parts.onDisabled(target);
  }

  private changeOf(target: Target, given: Omit<NoticeGiven, 'nowMs'>): SubscriptionInTrouble {
    const { id, organizationId, endpointId } = target;
    const nowMs = this.parts.nowMs();
    const notice = {
      id: this.parts.newId(bucketOfId(id) ?? 0),
      text: noticeText(target, { ...given, nowMs }),
    };
    return { id, organizationId, endpointId, nowMs, notice };
  }

  private tell(
    { id, dialect }: Target,
    { what, reason }: Pick<NoticeGiven, 'what' | 'reason'>,
    { notice }: SubscriptionInTrouble,
  ): void {
    const trouble = { what, reason, subscription: id, dialect };
    this.parts.logger.warn(trouble, 'a subscription is in trouble');
    this.parts.onTrouble?.(trouble);
    this.parts.onNotice(bucketOfId(notice.id) ?? 0);
  }

  private pause(): Promise<void> {
    const { timers, settings } = this.parts;
    return new Promise((resolve) => timers.set(resolve, settings.retryDatabaseMs));
  }
}
