/**
 * Networks that break, a database that is away, clocks that jump, receivers as bad as they come:
 * the short form of `npm run test:faults`. The scenarios wait more than they work, so they run side
 * by side.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import { runLengths } from '../support/run-lengths.ts';
import { shortAmounts } from './amounts.ts';
import { lineOf, withSummary } from './report.ts';
import { runScenario, scenarios } from './scenarios.ts';

const kinds = scenarios.filter(({ name }) => !name.endsWith('-kills'));
const seed = runLengths.faultSeed;

/** The hub whose clock can be moved is no part of `npm run build`. */
beforeAll(async () => {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = join(dirname(manifest), 'bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', 'test/faults/tsconfig.json'], {
    cwd: packageRoot(),
  });
});

describe('under a load that never stops', () => {
  it.concurrent.each(kinds)(
    '$name loses nothing',
    async (scenario) => {
      const { complaints, ...result } = await runScenario(scenario, {
        amounts: shortAmounts,
        seed,
      });
      process.stdout.write(`${lineOf({ ...result, complaints })}\n`);
      expect(complaints).toEqual([]);
      expect(result).toMatchObject({ lost: 0, outOfOrder: 0, unexpected: 0 });
      expect(result.received).toBeGreaterThan(result.acknowledged);
    },
    240_000,
  );
});

describe('the summary', () => {
  it('goes between its markers, and once only', () => {
    const text = 'before\n<!-- begin faults -->\n<!-- end faults -->\nafter\n';
    const counts = { acknowledged: 1_000, received: 2_000, lost: 0, repeated: 3 };
    const result = { ...counts, outOfOrder: 0, unexpected: 0, complaints: [] };
    const results = [{ ...result, name: 'kills', title: 'a hundred kills', seed: 7 }];
    const facts = { command: 'npm run test:faults', commit: 'abc', startedAt: '2026-11-20T10' };
    const report = { ...facts, machine: 'a machine', results };
    const once = withSummary(text, report);
    expect(once).toContain('| a hundred kills | 1,000 | 2,000 | 0 | 3 | 0 | 0 |');
    expect(withSummary(once, report)).toBe(once);
  });
});
