/**
 * Signing secrets between the database and the signer: they rest sealed, bound to their
 * subscription, and are opened once per process and not once per push.
 */
import { LRUCache } from 'lru-cache';
import type { Sealer } from '../lib/seal.ts';
import { generateSecret } from './sign.ts';

export type Secrets = {
  /** A new secret: `secret` to show once, `sealed` to store. */
  issue(subscriptionId: string): { secret: string; sealed: string };
  /** The live secrets of a subscription, in the order given. Throws `SealError`. */
  open(sealed: readonly string[], subscriptionId: string): readonly string[];
};

/** `openedMax`: how many opened secrets are kept in memory. */
export function createSecrets(deps: { sealer: Sealer; openedMax?: number }): Secrets {
  const { sealer, openedMax = 10_000 } = deps;
  const opened = new LRUCache<string, string>({ max: openedMax });

  const openOne = (sealed: string, subscriptionId: string): string => {
    const context = contextOf(subscriptionId);
    // The context is part of the key: a sealed text that was moved must not be found here.
    const cacheKey = `${context} ${sealed}`;
    const known = opened.get(cacheKey);
    if (known !== undefined) return known;
    const secret = sealer.open(sealed, context);
    opened.set(cacheKey, secret);
    return secret;
  };

  return {
    issue(subscriptionId) {
      const secret = generateSecret();
      return { secret, sealed: sealer.seal(secret, contextOf(subscriptionId)) };
    },
    open: (sealed, subscriptionId) => sealed.map((each) => openOne(each, subscriptionId)),
  };
}

function contextOf(subscriptionId: string): string {
  return `signing-secret/${subscriptionId}`;
}
