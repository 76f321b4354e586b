/**
 * The two types of a route's events and our words. They are plans, not reports: nothing in this API
 * tells what has happened. That loading is `loaded` and unloading `unloaded`, both planned, is ours.
 */
import { EVENT_TYPES as OURS } from '../../events/types.ts';
import type { Vocabulary } from '../dialect.ts';

const silent = { none: 'an order plans loading and unloading only, and reports nothing' };

export const vocabulary: Vocabulary = {
  codes: {
    loading: { type: 'loaded', classifier: 'planned', label: 'Loading' },
    unloading: { type: 'unloaded', classifier: 'planned', label: 'Unloading' },
  },
  types: {
    ...everyType(silent),
    loaded: { code: 'loading' },
    unloaded: { code: 'unloading' },
  },
};

/** What a stop of the route plans. */
export const STOP_KINDS = { loading: 'loaded', unloading: 'unloaded' } as const;

function everyType<T>(word: T) {
  return Object.fromEntries(OURS.map((type) => [type, word])) as Record<(typeof OURS)[number], T>;
}
