/**
 * What an organization is told of its own subscriptions (the README of the hub's dialect documents it).
 * Pure. No address and no secret: whoever reads it looks the subscription up.
 */
import { formatUtc } from '../events/time.ts';
import { present } from '../lib/present.ts';
import type { Target } from './targets.ts';

export interface NoticeGiven {
  /** `failing`: it will be disabled if that goes on. `disabled`: nothing is sent until it is resumed. */
  readonly what: 'failing' | 'disabled';
  readonly reason: 'failing' | 'gone';
  readonly failingSinceMs?: number | undefined;
  readonly nowMs: number;
}

/** As JSON; the store puts the sequence number before it. */
export function noticeText(target: Target, given: NoticeGiven): string {
  const { what, reason, failingSinceMs, nowMs } = given;
  const { id, dialect, subscription } = target;
  return JSON.stringify({
    type: `subscription.${what}`,
    at: formatUtc(nowMs, 3),
    subscription: { id, dialect, ...present({ externalId: subscription.externalId }) },
    reason,
    ...(failingSinceMs === undefined ? {} : { failingSince: formatUtc(failingSinceMs, 3) }),
  });
}
