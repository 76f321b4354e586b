/**
 * `kill -9` in the middle of load, again and again: of the hub, and of its PostgreSQL. Whatever was
 * acknowledged arrives, in order, and nothing else does.
 */
import { describe, expect, it } from 'vitest';
import { createChance } from '../support/chance.ts';
import { runLengths } from '../support/run-lengths.ts';
import type { Summary } from './ledger.ts';
import { createStand, type Stand } from './stand.ts';

const { faultKills, databaseKills, faultSeed } = runLengths;
/** At most so many more acknowledged requests up to the next kill; 0: right after the start. */
const acknowledgementsMax = 120;

/** A bound for a run that hangs, not for a slow machine. */
const limitMs = (kills: number) => 120_000 + kills * 15_000;

const clean = { lost: 0, outOfOrder: 0, unexpected: 0 };

function report(what: string, { acknowledged, received, ...rest }: Summary): void {
  const { lost, repeated, outOfOrder, unexpected } = rest;
  process.stdout.write(
    `faults: ${what}, seed ${faultSeed}: acknowledged ${acknowledged}, received ${received}, ` +
      `lost ${lost}, repeated ${repeated}, out of order ${outOfOrder}, unexpected ${unexpected}\n`,
  );
}

/** Kills `kills` times at moments of chance, lets everything arrive, and judges. */
async function endure(
  what: string,
  kills: number,
  kill: (stand: Stand, done: number) => Promise<void>,
): Promise<void> {
  const chance = createChance(faultSeed);
  const stand = await createStand(chance);
  try {
    for (let done = 0; done < kills; done += 1) {
      const more = chance.between(0, 4) === 0 ? 0 : chance.between(1, acknowledgementsMax);
      await stand.load.acknowledgements(more);
      await kill(stand, done);
    }
    await stand.load.acknowledgements(acknowledgementsMax);
    const summary = await stand.settle();
    report(`${kills} kills of ${what}`, summary);
    expect(stand.load.oddAnswers()).toEqual([]);
    expect(stand.ledger.complaints()).toEqual([]);
    expect(summary).toMatchObject(clean);
    // Else the kills met an idle hub, and nothing was shown.
    expect(summary.acknowledged).toBeGreaterThan((kills * acknowledgementsMax) / 4);
    expect(summary.received).toBeGreaterThan(summary.acknowledged);
  } finally {
    await stand.close();
  }
}

describe('kill -9 in the middle of load', () => {
  it(
    'of the hub loses nothing',
    () => endure('the hub', faultKills, (stand) => stand.killHub()),
    limitMs(faultKills),
  );

  it(
    'of its database, and of both, loses nothing',
    () =>
      endure('the database', databaseKills, (stand, done) =>
        done % 2 === 0 ? stand.killDatabase() : stand.killBoth(),
      ),
    limitMs(databaseKills),
  );
});
