/**
 * Group commit: what arrives while a batch is under way goes into the next one. No timer and no
 * waiting: under low load a batch is one item, under high load it grows by itself.
 *
 * Batches that follow each other are evened out: callers that ask again as soon as they are answered
 * would otherwise keep a large and a small batch apart for ever, and while the large one is under way the
 * answers of the small one are all that is left to do.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface BatchOptions<Item, Result> {
  /** Handles a batch; results in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /**
   * Batches under way at once, one when not given. A further one does not start before it has as many
   * items as the last: it may follow that without a pause, but must not be the smaller for it.
   */
  readonly batchesMax?: number;
  readonly itemsPerBatchMax: number;
  /** Items waiting at most; `add` refuses beyond. */
  readonly itemsWaitingMax: number;
  /** Made when the queue is full. */
  readonly full: () => Error;
}

export interface Batches<Item, Result> {
  /** Resolves with the item's result once its batch is done; rejects when its batch failed. */
  readonly add: (item: Item) => Promise<Result>;
  /**
   * The same for several, in their order: one promise for all of them; none is taken if not all fit. No two
   * batches that hold some of them are under way at once.
   */
  readonly addAll: (items: readonly Item[]) => Promise<Result[]>;
  readonly waiting: () => number;
  /** Resolves when nothing waits and nothing runs. */
  readonly idle: () => Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  /** The same for all that were added together. */
  readonly group: object;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatches<Item, Result>(
  options: BatchOptions<Item, Result>,
): Batches<Item, Result> {
  const { batchesMax = 1 } = options;
  let queue: Waiting<Item, Result>[] = [];
  /** Batches under way. */
  let running = 0;
  let isAsked = false;
  /** Items of the batch before, while one follows the other. */
  let lastSize = 0;
  let lastGroup: object | undefined;
  let idlers: (() => void)[] = [];
  // A batch serves many callers: it must not run inside the transaction, or any other context, of
  // the one that happened to start it.
  const outside = AsyncLocalStorage.snapshot();

  /** What waits, or, where that is more than went before, the mean of both. */
  function take(): readonly Waiting<Item, Result>[] {
    const even = lastSize === 0 ? queue.length : Math.ceil((queue.length + lastSize) / 2);
    const batch = queue.slice(0, Math.min(even, options.itemsPerBatchMax));
    queue = queue.slice(batch.length);
    lastSize = batch.length;
    lastGroup = batch.at(-1)?.group;
    return batch;
  }

  /** Runs a batch. What it gives tells the callers how that ended. */
  async function settle(batch: readonly Waiting<Item, Result>[]): Promise<() => void> {
    try {
      const results = await options.run(batch.map((waiting) => waiting.item));
      return () => {
        for (const [index, waiting] of batch.entries()) {
          const result = results[index];
          if (result === undefined) waiting.reject(new Error('a batch returned too few results'));
          else waiting.resolve(result);
        }
      };
    } catch (error) {
      return () => {
        for (const waiting of batch) waiting.reject(error);
      };
    }
  }

  function mayStart(): boolean {
    if (queue.length === 0 || running >= batchesMax) return false;
    if (running === 0) return true;
    // What was added together keeps its order, also where a batch has to be tried again.
    if (queue[0]?.group === lastGroup) return false;
    return queue.length >= lastSize;
  }

  function start(): void {
    isAsked = false;
    while (mayStart()) void follow(take());
  }

  async function follow(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    running += 1;
    const tell = await settle(batch);
    running -= 1;
    // The next batch is sent off before the callers of this one are told: they have much to do,
    // and the other side would be idle meanwhile.
    start();
    if (running > 0) {
      process.nextTick(tell);
      return;
    }
    tell();
    lastSize = 0;
    const woken = idlers;
    idlers = [];
    for (const wake of woken) wake();
  }

  /** One turn of the event loop lets the requests of the same moment share a batch. */
  function ask(): void {
    if (isAsked || !mayStart()) return;
    isAsked = true;
    outside(setImmediate, start);
  }

  function add(item: Item): Promise<Result> {
    if (queue.length >= options.itemsWaitingMax) return Promise.reject(options.full());
    return new Promise<Result>((resolve, reject) => {
      queue.push({ item, group: resolve, resolve, reject });
      ask();
    });
  }

  function addAll(items: readonly Item[]): Promise<Result[]> {
    if (queue.length + items.length > options.itemsWaitingMax) {
      return Promise.reject(options.full());
    }
    let left = items.length;
    if (left === 0) return Promise.resolve([]);
    return new Promise<Result[]>((resolve, reject) => {
      const results: Result[] = new Array(left);
      for (const [at, item] of items.entries()) {
        const take = (result: Result) => {
          results[at] = result;
          left -= 1;
          if (left === 0) resolve(results);
        };
        queue.push({ item, group: results, resolve: take, reject });
      }
      ask();
    });
  }

  return {
    ...{ add, addAll },
    waiting: () => queue.length,
    idle: () =>
      running > 0 || queue.length > 0
        ? new Promise<void>((resolve) => idlers.push(resolve))
        : Promise.resolve(),
  };
}
