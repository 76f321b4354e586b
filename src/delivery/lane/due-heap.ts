/**
 * A binary heap of things by the time they are due; the earliest on top. What is no longer waited
 * for is taken out, wherever it lies: left in, it would stay until its time comes.
 */
export interface Due<T> {
  readonly dueMs: number;
  readonly value: T;
  /** Its place in the heap; the heap's own. */
  index: number;
}

export interface DueHeap<T> {
  readonly size: () => number;
  readonly push: (given: { readonly dueMs: number; readonly value: T }) => Due<T>;
  readonly peek: () => Due<T> | undefined;
  readonly pop: () => Due<T> | undefined;
  /** All of them, in no order. */
  readonly all: () => readonly Due<T>[];
  /** Takes out what `push` gave back; once only. */
  readonly remove: (due: Due<T>) => void;
}

export function createDueHeap<T>(): DueHeap<T> {
  const heap: Due<T>[] = [];

  function put(due: Due<T>, index: number): void {
    heap[index] = due;
    due.index = index;
  }

  /** Moves it up from an empty place to where no later one is above it; where that is. */
  function rise(due: Due<T>, from: number): number {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.dueMs <= due.dueMs) break;
      put(above, index);
      index = parent;
    }
    put(due, index);
    return index;
  }

  const dueAt = (index: number): number => heap[index]?.dueMs ?? Number.POSITIVE_INFINITY;

  function sink(due: Due<T>, from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const child = dueAt(left + 1) < dueAt(left) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || below.dueMs >= due.dueMs) break;
      put(below, index);
      index = child;
    }
    put(due, index);
  }

  function remove(due: Due<T>): void {
    const { index } = due;
    const last = heap.pop();
    if (last === undefined || last === due) return;
    if (rise(last, index) === index) sink(last, index);
  }

  return {
    size: () => heap.length,
    push({ dueMs, value }) {
      const due = { dueMs, value, index: heap.length };
      heap.push(due);
      rise(due, due.index);
      return due;
    },
    peek: () => heap[0],
    all: () => [...heap],
    pop() {
      const [top] = heap;
      if (top !== undefined) remove(top);
      return top;
    },
    remove,
  };
}
