/**
 * Remembers for some seconds that a proof (a token, a key) was good, so that the hot path costs
 * one look into a map. Only good proofs are kept: nobody can fill this with made-up ones. What is
 * kept stands under the end of its proof: a token's signature, at a tenth of the cost of hashing all
 * of it for each request; then all of it is compared.
 */
import { LRUCache } from 'lru-cache';
import type { Principal } from '../dialects/dialect.ts';

export interface Verdict {
  readonly principal: Principal;
  /** The proof is looked at anew from then on. */
  readonly untilMs: number;
}

interface Remembered extends Verdict {
  readonly proof: string;
}

const tailChars = 40;

export interface Verdicts {
  readonly get: (proof: string) => Principal | undefined;
  /** Lets `judge` decide; requests with the same proof at the same time share one decision. */
  readonly judge: (proof: string, judge: () => Promise<Verdict>) => Promise<Principal>;
  readonly clear: () => void;
}

export function createVerdicts(given: {
  readonly nowMs: () => number;
  readonly entriesMax: number;
}): Verdicts {
  const known = new LRUCache<string, Remembered>({ max: given.entriesMax });
  // Without this, a busy token that runs out here would be judged by a thousand requests at once.
  const pending = new Map<string, Promise<Verdict>>();

  async function decide(proof: string, judge: () => Promise<Verdict>): Promise<Verdict> {
    try {
      const verdict = await judge();
      known.set(proof.slice(-tailChars), { ...verdict, proof });
      return verdict;
    } finally {
      pending.delete(proof);
    }
  }

  return {
    get(proof) {
      const verdict = known.get(proof.slice(-tailChars));
      if (verdict?.proof !== proof || given.nowMs() >= verdict.untilMs) return undefined;
      return verdict.principal;
    },
    async judge(proof, judge) {
      const decision = pending.get(proof) ?? decide(proof, judge);
      pending.set(proof, decision);
      return (await decision).principal;
    },
    clear: () => known.clear(),
  };
}
