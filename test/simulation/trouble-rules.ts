/**
 * What may become of a subscription that fails, and when: warned after a day of nothing but
 * failures, disabled after five and a day after the warning; told to all that wish for it, once.
 */
import type { DeliverySettings } from '../../src/delivery/settings.ts';
import type { Row, Subscription, Tables } from './tables.ts';

/** As committed. */
export interface CommittedTrouble {
  readonly id: string;
  readonly what: 'failing' | 'disabled';
  readonly reason: 'failing' | 'gone';
}

export interface TroubleRules {
  /** Outcomes of one transaction for one subscription. */
  readonly stored: (id: string, isWell: boolean) => void;
  readonly resumed: (id: string) => void;
  readonly committed: (trouble: CommittedTrouble) => void;
  readonly sending: (subscriptionId: string) => void;
  /** It has had nothing but failures for long enough. */
  readonly mustBeDisabled: (id: string) => void;
  readonly finish: () => void;
}

export interface TroubleRulesParts {
  readonly tables: Tables;
  readonly nowMs: () => number;
  readonly settings: DeliverySettings;
  /** After so long every process has heard of a change, even one that was cut off. */
  readonly heardMs: number;
  readonly complain: (text: string) => void;
}

interface Failing {
  readonly sinceMs: number;
  warnedMs: number | undefined;
}

const hourMs = 3_600_000;
const hours = (ms: number): string => `${(ms / hourMs).toFixed(1)} h`;

export function createTroubleRules(parts: TroubleRulesParts): TroubleRules {
  const { tables, nowMs, settings, heardMs, complain } = parts;
  const failing = new Map<string, Failing>();
  const disabledAtMs = new Map<string, number>();
  const expected = new Map<string, number>();

  function checkSpan(text: string, sinceMs: number | undefined, leastMs: number): void {
    if (sinceMs === undefined) complain(`${text} and did not fail`);
    else if (nowMs() - sinceMs < leastMs - 1) complain(`${text} after ${hours(nowMs() - sinceMs)}`);
  }

  function check({ id, what, reason }: CommittedTrouble): void {
    if (reason === 'gone') return;
    const known = failing.get(id);
    if (what === 'failing') {
      checkSpan(`${id} is warned`, known?.sinceMs, settings.failingWarnMs);
      if (known?.warnedMs !== undefined) complain(`${id} is warned again`);
      if (known !== undefined) known.warnedMs = nowMs();
    } else {
      checkSpan(`${id} is disabled`, known?.sinceMs, settings.failingDisableMs);
      checkSpan(`${id} was warned and is disabled`, known?.warnedMs, settings.failingGraceMs);
    }
  }

  /** By listener, subscription and what became of it. */
  const keyOf = (listener: string, { id, what }: Pick<CommittedTrouble, 'id' | 'what'>) =>
    `${listener} of ${id} ${what}`;

  function countNotices(): Map<string, number> {
    const counts = new Map<string, number>();
    const rows: Row[] = [
      ...tables.deliveries.values(),
      ...[...tables.done.values()].map(({ row }) => row),
    ];
    for (const { subscriptionId, event, payload } of rows) {
      if (event !== undefined || payload === undefined) continue;
      const { notice } = JSON.parse(payload) as Notice;
      const what = notice.type === 'subscription.failing' ? 'failing' : 'disabled';
      const key = keyOf(subscriptionId, { id: notice.subscription.id, what });
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  const isListener = ({ id, notices }: Subscription, { id: of }: CommittedTrouble): boolean =>
    notices && id !== of;

  return {
    stored(id, isWell) {
      if (isWell) failing.delete(id);
      else if (!failing.has(id)) failing.set(id, { sinceMs: nowMs(), warnedMs: undefined });
    },
    resumed(id) {
      failing.delete(id);
      disabledAtMs.delete(id);
    },
    committed(trouble) {
      check(trouble);
      const { id, what } = trouble;
      if (what === 'disabled' && !disabledAtMs.has(id)) disabledAtMs.set(id, nowMs());
      for (const each of tables.subscriptions.values()) {
        if (!isListener(each, trouble)) continue;
        const key = keyOf(each.id, trouble);
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
    },
    sending(id) {
      const disabledMs = disabledAtMs.get(id);
      if (disabledMs !== undefined && nowMs() - disabledMs > heardMs) {
        complain(`${id} is sent to although it is disabled`);
      }
    },
    mustBeDisabled(id) {
      if (tables.subscriptions.get(id)?.state !== 'disabled') {
        const sinceMs = failing.get(id)?.sinceMs ?? nowMs();
        complain(`${id} has failed for ${hours(nowMs() - sinceMs)} and is not disabled`);
      }
    },
    finish() {
      const counts = countNotices();
      for (const key of new Set([...expected.keys(), ...counts.keys()])) {
        const [told = 0, due = 0] = [counts.get(key), expected.get(key)];
        if (told !== due) complain(`${key} was told ${told} times, not ${due}`);
      }
    },
  };
}

interface Notice {
  readonly notice: { readonly type: string; readonly subscription: { readonly id: string } };
}
