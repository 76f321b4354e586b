/** What a subscription may wish for and where it may send. */
import { invalid, Problem } from '../../events/problem.ts';
import {
  matchKeyOf,
  requiredTags,
  type Subscription,
  type SubscriptionFilter,
} from '../../events/subscription.ts';
import { findBadText, findBadTextDeep } from '../../lib/text.ts';
import type { UrlVerdict } from './index.ts';

/** A btree entry holds 2,704 bytes at most; the guard's limit counts before percent-encoding. */
const urlBytesMax = 2048;
const filterTextBytesMax = 512;
const valueCharactersMax = 100;

/** The normal form of the address, which decides on the endpoint. Throws `invalid-input`: `url`. */
export function checkedUrl(checkUrl: (url: string) => UrlVerdict, text: string): string {
  if (findBadText(text) !== undefined) throw invalid('url', 'holds a bad character', 'text');
  const verdict = checkUrl(text);
  if (!verdict.ok) {
    const { message, code: rule } = verdict;
    const value = text.slice(0, valueCharactersMax);
    throw new Problem('invalid-input', message, {
      issues: [{ path: 'url', message, rule, value }],
    });
  }
  const { href } = verdict.url;
  if (href.length > urlBytesMax) {
    throw invalid('url', `must not be longer than ${urlBytesMax} bytes once encoded`, 'maxLength');
  }
  return href;
}

export interface Matching {
  readonly filter: string;
  readonly matchKey: string;
  readonly requiredTags: readonly string[];
  readonly anyType: readonly string[] | null;
}

/** The columns by which the recording statement matches. Throws `invalid-input` naming the wish. */
export function matchingOf(filter: SubscriptionFilter): Matching {
  const bad = findBadTextDeep(filter);
  if (bad !== undefined) {
    throw invalid(['filter', ...bad.path].join('.'), `holds a ${bad.problem}`, 'text');
  }
  for (const [wish, text] of Object.entries(filter)) {
    if (typeof text === 'string' && Buffer.byteLength(text) > filterTextBytesMax) {
      const message = `must not be longer than ${filterTextBytesMax} bytes`;
      throw invalid(`filter.${wish}`, message, 'maxLength');
    }
  }
  return {
    filter: JSON.stringify(filter),
    matchKey: matchKeyOf(filter),
    requiredTags: requiredTags(filter),
    anyType: filter.types ?? null,
  };
}

/** An expired subscription stays as it ended: its wish was for a time that is over. */
export function checkNotExpired(subscription: Pick<Subscription, 'state'>): void {
  if (subscription.state === 'expired') {
    throw new Problem('conflict', 'the subscription has expired; create a new one');
  }
}

/** What it asked for is being looked up by its filter and queued for its address. */
export function checkFilled(subscription: Pick<Subscription, 'state'>): void {
  if (subscription.state === 'filling') {
    throw new Problem('conflict', 'the subscription is being filled with past events; try again');
  }
}
