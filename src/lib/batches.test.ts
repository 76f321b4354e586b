import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createBatches } from './batches.ts';

/** A runner whose batches end when the test says so. */
function createStage(
  limits: { itemsPerBatchMax?: number; itemsWaitingMax?: number; batchesMax?: number } = {},
) {
  const runs: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  let started = () => {};
  const batches = createBatches<number, number>({
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) =>
          error === undefined ? resolve(items.map((item) => item * 10)) : reject(error);
        runs.push({ items, end });
        started();
      }),
    ...(limits.batchesMax === undefined ? {} : { batchesMax: limits.batchesMax }),
    itemsPerBatchMax: limits.itemsPerBatchMax ?? 100,
    itemsWaitingMax: limits.itemsWaitingMax ?? 100,
    full: () => new Error('full'),
  });
  const nextRun = async (index: number) => {
    while (runs.length <= index) {
      await new Promise<void>((resolve) => {
        started = resolve;
      });
    }
    return runs[index] as (typeof runs)[number];
  };
  return { batches, nextRun, runs };
}

describe('batches', () => {
  it('collect what arrives while one is under way', async () => {
    const { batches, nextRun } = createStage();
    const first = batches.add(1);
    const one = await nextRun(0);
    const others = [batches.add(2), batches.add(3)];
    expect(batches.waiting()).toBe(2);
    one.end();
    expect(await first).toBe(10);
    const two = await nextRun(1);
    expect(two.items).toEqual([2, 3]);
    two.end();
    expect(await Promise.all(others)).toEqual([20, 30]);
    await batches.idle();
  });

  it('are cut to size and refuse what is too much', async () => {
    const { batches, nextRun } = createStage({ itemsPerBatchMax: 2, itemsWaitingMax: 3 });
    const added = [1, 2, 3].map(batches.add);
    await expect(batches.add(4)).rejects.toThrow('full');
    (await nextRun(0)).end();
    (await nextRun(1)).end();
    expect(await Promise.all(added)).toEqual([10, 20, 30]);
  });

  it('fail alone', async () => {
    const { batches, nextRun } = createStage();
    const first = batches.add(1);
    const run = await nextRun(0);
    const second = batches.add(2);
    run.end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    (await nextRun(1)).end();
    expect(await second).toBe(20);
  });

  it('follow each other without a pause where two may, the second as large as the first', async () => {
    const { batches, nextRun, runs } = createStage({ batchesMax: 2, itemsWaitingMax: 1_000 });
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    const add = async (...items: number[]) => {
      const added = items.map(batches.add);
      // The items of one moment share a batch: it starts in the turn after theirs.
      await turn();
      await turn();
      return added;
    };
    const sizes = () => runs.map(({ items }) => items.length);

    const first = await add(1, 2, 3);
    expect(sizes()).toEqual([3]);
    const second = await add(4, 5);
    expect(sizes()).toEqual([3]);
    second.push(...(await add(6)));
    expect(sizes()).toEqual([3, 3]);
    const third = await add(7, 8, 9);
    expect(sizes()).toEqual([3, 3]);
    expect(batches.waiting()).toBe(3);

    (await nextRun(0)).end();
    expect(await Promise.all(first)).toEqual([10, 20, 30]);
    expect(sizes()).toEqual([3, 3, 3]);
    (await nextRun(2)).end();
    expect(await Promise.all(third)).toEqual([70, 80, 90]);
    // Nothing waits, but the second is still under way.
    let isIdle = false;
    const idle = batches.idle().then(() => {
      isIdle = true;
    });
    await turn();
    expect(isIdle).toBe(false);
    (await nextRun(1)).end();
    expect(await Promise.all(second)).toEqual([40, 50, 60]);
    await idle;
  });

  it('are never two at once for what was added together', async () => {
    const { batches, nextRun, runs } = createStage({ batchesMax: 2, itemsPerBatchMax: 2 });
    const together = batches.addAll([1, 2, 3]);
    const others = [4, 5, 6].map(batches.add);
    const one = await nextRun(0);
    expect(one.items).toEqual([1, 2]);
    expect(runs).toHaveLength(1);
    one.end();
    const two = await nextRun(1);
    expect(two.items).toEqual([3, 4]);
    // These have nothing to do with the three.
    const three = await nextRun(2);
    expect(three.items).toEqual([5, 6]);
    three.end();
    two.end();
    expect(await together).toEqual([10, 20, 30]);
    expect(await Promise.all(others)).toEqual([40, 50, 60]);
  });

  it('do not wait for more once nothing is under way', async () => {
    const { batches, nextRun } = createStage({ batchesMax: 2 });
    const first = [1, 2, 3].map(batches.add);
    const one = await nextRun(0);
    const other = batches.add(4);
    one.end();
    await Promise.all(first);
    (await nextRun(1)).end();
    expect(await other).toBe(40);
  });

  it('run outside the context of whoever started them', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const batches = createBatches<number, number>({
      run: async (items) => {
        seen.push(context.getStore());
        return [...items];
      },
      itemsPerBatchMax: 10,
      itemsWaitingMax: 10,
      full: () => new Error('full'),
    });
    await context.run('a transaction', () => batches.add(1));
    expect(seen).toEqual([undefined]);
  });
});
