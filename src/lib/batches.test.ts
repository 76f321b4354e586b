import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { createBatches } from './batches.ts';

/** A runner whose batches end when the test says so. */
function createStage(limits: { itemsPerBatchMax?: number; itemsWaitingMax?: number } = {}) {
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
  return { batches, nextRun };
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
