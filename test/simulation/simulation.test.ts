/**
 * The scheduler's core in a world that is simulated: claims, leases, retries, breakers and order
 * under thousands of seeds. CONTRIBUTING.md says how to run one seed again.
 */
import { describe, expect, it } from 'vitest';
import { type RunOptions, type RunResult, run } from './run.ts';
import { mutations } from './sabotage.ts';

const { SIMULATION_SEED: oneSeed, SIMULATION_RUNS: runsGiven } = process.env;
const firstSeed = Number(oneSeed ?? 1);
const runs = Number(runsGiven ?? (oneSeed === undefined ? 10_000 : 1));
const notesMax = oneSeed === undefined ? 60 : 5_000;
/** Bounds for runs that hang. */
const limitMs = 1_200_000;
const mutationRunsMax = 1_000;
/** Those whose every step sees a kill. */
const killedSeeds = [3, 7];

/** A run that went wrong, told again with what happened before. */
async function retell({ problems }: RunResult, options: RunOptions): Promise<string> {
  const notes: string[] = [];
  await run({ ...options, note: (text) => notes.push(text) });
  const from = Math.max(0, notes.length - notesMax);
  const again = `SIMULATION_SEED=${options.seed} npx vitest run test/simulation`;
  const kill = options.killAtStep === undefined ? '' : `, killed at step ${options.killAtStep}`;
  return [`seed ${options.seed}${kill}: ${again}`, ...notes.slice(from), ...problems].join('\n');
}

/** Runs them all; the first that went wrong is told, of the others only the seeds. */
async function expectClean(all: readonly RunOptions[]): Promise<void> {
  const sums = { steps: 0, acknowledged: 0, sends: 0, repeated: 0, parked: 0 };
  const wrong: string[] = [];
  for (const options of all) {
    const result = await run(options);
    for (const name of ['steps', 'acknowledged', 'sends', 'repeated', 'parked'] as const) {
      sums[name] += result[name];
    }
    if (result.problems.length === 0) continue;
    wrong.push(wrong.length === 0 ? await retell(result, options) : `seed ${options.seed}`);
  }
  const text = Object.entries(sums).map(([name, sum]) => `${name} ${sum}`);
  process.stdout.write(`simulation: ${all.length} runs, ${text.join(', ')}\n`);
  expect(wrong.join('\n')).toBe('');
}

/** A run of this seed, and one for each of its steps with a kill there. */
async function everyStepOf(seed: number): Promise<RunOptions[]> {
  const { steps } = await run({ seed });
  return Array.from({ length: steps }, (_, step) => ({ seed, killAtStep: step + 1 }));
}

describe('the simulation', () => {
  it(
    'finds nothing wrong under any seed',
    () => expectClean(Array.from({ length: runs }, (_, index) => ({ seed: firstSeed + index }))),
    limitMs,
  );

  it.skipIf(oneSeed !== undefined)(
    'finds nothing wrong with a kill at every step of a run',
    async () => expectClean((await Promise.all(killedSeeds.map(everyStepOf))).flat()),
    limitMs,
  );

  it('does the same under the same seed', async () => {
    expect(await run({ seed: 5 })).toEqual(await run({ seed: 5 }));
  });

  it.each(mutations)(
    'notices $name',
    async ({ sabotage, complaint, every = 1 }) => {
      // A seed may show another of its consequences first.
      const others = new Set<string>();
      for (let number = 1; number <= mutationRunsMax; number += 1) {
        const { problems } = await run({ seed: number * every, sabotage });
        const told = problems.join('\n');
        if (complaint.test(told)) return;
        if (told !== '') others.add(told);
      }
      expect([...others].slice(0, 5), `${mutationRunsMax} seeds`).toContainEqual(
        expect.stringMatching(complaint),
      );
    },
    limitMs,
  );
});
