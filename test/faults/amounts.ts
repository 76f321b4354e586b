/** How much the fault suite does, in full and in short. */
import type { Amounts } from './scenarios.ts';

export const fullAmounts: Amounts = {
  kills: 100,
  postmasterKills: 30,
  resets: 30,
  cutOffs: 6,
  cutOffMs: 15_000,
  awayMs: 60_000,
  clockMoves: 6,
  requests: 3_000,
  trickOneIn: 50,
};

/** For every run of the tests. */
export const shortAmounts: Amounts = {
  kills: 20,
  postmasterKills: 4,
  resets: 2,
  cutOffs: 1,
  cutOffMs: 2_000,
  awayMs: 5_000,
  clockMoves: 2,
  requests: 250,
  trickOneIn: 60,
};
