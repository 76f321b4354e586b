/**
 * Hubs as real processes on one database: they share the buckets, hand them over in peace, and take
 * those of one that is killed. Whatever was acknowledged by any of them arrives, in order.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createChance } from '../support/chance.ts';
import { runLengths } from '../support/run-lengths.ts';
import { createFleet, type Fleet } from './fleet.ts';

const bucketsMetric = 'portolan_buckets';
const attemptsMetric = 'portolan_delivery_attempts_total';
const clean = { lost: 0, outOfOrder: 0, unexpected: 0 };
/** The machine they share tells of the first kill; of the second one only the lease does. */
const kills = ['told', 'untold'] as const;
const cuts = 6;
/** The promise: so long after a kill somebody else sends from every bucket. */
const takeoverMsMax = 15_000;
/** A bound for a run that hangs, not for a slow machine. */
const limitMs = 900_000;

let fleet: Fleet | undefined;

afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

async function gather(options?: Parameters<typeof createFleet>[1]): Promise<Fleet> {
  fleet = await createFleet(createChance(runLengths.faultSeed), options);
  return fleet;
}

/** Resolves when the buckets are divided like this; nobody has one that another has too. */
const divided = (hubs: Fleet, shares: readonly number[], timeout = 60_000) =>
  expect
    .poll(async () => (await hubs.figures(bucketsMetric)).sort((a, b) => a - b), { timeout })
    .toEqual(shares);

describe('several hubs on one database', () => {
  it('share the work and hand it over without sending anything twice', {
    timeout: limitMs,
  }, async () => {
    const hubs = await gather();
    await hubs.load.acknowledgements(30);
    const second = await hubs.start();
    await divided(hubs, [128, 128]);
    await hubs.load.acknowledgements(100);
    await hubs.start();
    await divided(hubs, [84, 86, 86]);
    await hubs.load.acknowledgements(100);
    const sent = await hubs.figures(attemptsMetric);
    expect(sent.every((count) => count > 0)).toBe(true);
    // In the middle of the load, which goes on elsewhere.
    expect(await hubs.end(second, 'SIGTERM')).toBe(0);
    await divided(hubs, [128, 128]);
    await hubs.load.acknowledgements(100);
    const summary = await hubs.settle();
    expect(hubs.load.oddAnswers()).toEqual([]);
    expect(hubs.ledger.complaints()).toEqual([]);
    expect(hubs.overlaps()).toEqual([]);
    expect(summary).toMatchObject({ ...clean, repeated: 0 });
    expect(summary.received).toBeGreaterThan(summary.acknowledged);
  });

  it('may be doors that send nothing, and senders without a door', {
    timeout: limitMs,
  }, async () => {
    const hubs = await gather({ roles: 'door' });
    await hubs.load.acknowledgements(20);
    const sender = await hubs.start('delivery');
    await hubs.load.acknowledgements(60);
    await hubs.load.stop();
    await hubs.ledger.complete();
    expect(await hubs.figures(attemptsMetric)).toEqual([0]);
    expect(await hubs.end(sender, 'SIGTERM')).toBe(0);
    const summary = await hubs.settle();
    expect(hubs.ledger.complaints()).toEqual([]);
    expect(summary).toMatchObject({ ...clean, repeated: 0 });
  });

  it('take the buckets of one that is killed, and lose nothing', { timeout: limitMs }, async () => {
    const hubs = await gather();
    for (const kill of kills) {
      const victim = await hubs.start();
      await divided(hubs, [128, 128]);
      if (kill === 'untold') await hubs.scatter();
      await hubs.load.acknowledgements(60);
      hubs.ledger.killed();
      await hubs.end(victim, 'SIGKILL');
      await divided(hubs, [256], takeoverMsMax);
      // What the victim had under way has been sent again when twice as much has come after it.
      await hubs.load.acknowledgements(60);
      hubs.ledger.recovered();
    }
    const summary = await hubs.settle();
    expect(hubs.load.oddAnswers()).toEqual([]);
    expect(hubs.ledger.complaints()).toEqual([]);
    expect(summary).toMatchObject(clean);
    expect(summary.received).toBeGreaterThan(summary.acknowledged);
  });

  it('keep their buckets when only the connection of their leases is cut, and send nothing twice', {
    timeout: limitMs,
  }, async () => {
    // So slow that many pushes are under way at every moment.
    const hubs = await gather({ answerMs: 400 });
    await hubs.start();
    await divided(hubs, [128, 128]);
    for (let cut = 0; cut < cuts; cut += 1) {
      await hubs.load.acknowledgements(20);
      await expect.poll(hubs.cutLeases, { timeout: 10_000 }).toBe(true);
    }
    await hubs.load.acknowledgements(60);
    expect(await hubs.figures(bucketsMetric)).toEqual([128, 128]);
    const summary = await hubs.settle();
    expect(hubs.load.oddAnswers()).toEqual([]);
    expect(hubs.ledger.complaints()).toEqual([]);
    expect(hubs.overlaps()).toEqual([]);
    expect(summary).toMatchObject({ ...clean, repeated: 0 });
    expect(summary.received).toBeGreaterThan(summary.acknowledged);
  });
});
