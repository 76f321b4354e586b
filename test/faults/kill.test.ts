/**
 * `kill -9` in the middle of load, again and again: of the hub, and of its PostgreSQL. Whatever was
 * acknowledged arrives, in order, and nothing else does. `npm run test:faults` does more of it.
 */
import { describe, expect, it } from 'vitest';
import { runLengths } from '../support/run-lengths.ts';
import { shortAmounts } from './amounts.ts';
import { lineOf } from './report.ts';
import { acknowledgementsMax, runScenario, scenarios } from './scenarios.ts';

const { faultKills: kills, databaseKills: postmasterKills, faultSeed: seed } = runLengths;
const amounts = { ...shortAmounts, kills, postmasterKills };
const limits = { 'hub-kills': kills, 'postmaster-kills': postmasterKills };

describe('kill -9 in the middle of load', () => {
  it.each(Object.entries(limits))(
    '%s lose nothing',
    async (name, times) => {
      const scenario = scenarios.find((each) => each.name === name);
      if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
      const { complaints, ...result } = await runScenario(scenario, { amounts, seed });
      process.stdout.write(`${lineOf({ ...result, complaints })}\n`);
      expect(complaints).toEqual([]);
      expect(result).toMatchObject({ lost: 0, outOfOrder: 0, unexpected: 0 });
      // Else the kills met an idle hub, and nothing was shown.
      expect(result.acknowledged).toBeGreaterThan((times * acknowledgementsMax) / 4);
      expect(result.received).toBeGreaterThan(result.acknowledged);
    },
    // A bound for a run that hangs, not for a slow machine.
    120_000 + Math.max(kills, postmasterKills) * 15_000,
  );
});
