/** What a careful subscriber keeps: the deliveries seen, and the sequence numbers for gaps. */
import { member } from '../json.ts';
import type { Push } from '../receiver.ts';

export interface Inbox {
  /** False for a delivery that came before: a repeat carries the same `webhook-id`. */
  readonly isNew: (push: Push) => boolean;
  /** Sequence numbers that are missing, in words. They run from 1, in whatever order they came. */
  readonly gaps: () => string[];
}

export function createInbox(): Inbox {
  const ids = new Set<string>();
  const sequences = new Map<string, Set<number>>();
  return {
    isNew({ id, subscription, body }) {
      if (ids.has(id)) return false;
      ids.add(id);
      // Only the hub's own dialect numbers its pushes.
      const sequence = member(body, 'sequence');
      if (typeof sequence === 'number') {
        const seen = sequences.get(subscription) ?? new Set();
        sequences.set(subscription, seen.add(sequence));
      }
      return true;
    },
    gaps: () =>
      [...sequences].flatMap(([subscription, seen]) => {
        const last = Math.max(...seen);
        const lost = Array.from({ length: last }, (_, at) => at + 1).filter((n) => !seen.has(n));
        return lost.map((n) => `missing: number ${n} of ${last} of ${subscription}`);
      }),
  };
}
