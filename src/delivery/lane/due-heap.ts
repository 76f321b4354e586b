/** A binary heap of things by the time they are due; the earliest on top. */
export interface Due<T> {
  readonly dueMs: number;
  readonly value: T;
}

export interface DueHeap<T> {
  readonly push: (due: Due<T>) => void;
  readonly peek: () => Due<T> | undefined;
  readonly pop: () => Due<T> | undefined;
}

export function createDueHeap<T>(): DueHeap<T> {
  const heap: Due<T>[] = [];

  function swap(left: number, right: number): void {
    const a = heap[left];
    const b = heap[right];
    if (a === undefined || b === undefined) return;
    heap[left] = b;
    heap[right] = a;
  }

  const dueAt = (index: number): number => heap[index]?.dueMs ?? Number.POSITIVE_INFINITY;

  function sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = dueAt(left + 1) < dueAt(left) ? left + 1 : left;
      if (dueAt(child) >= dueAt(index)) return;
      swap(child, index);
      index = child;
    }
  }

  return {
    push(due) {
      let index = heap.push(due) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (dueAt(parent) <= due.dueMs) return;
        swap(parent, index);
        index = parent;
      }
    },
    peek: () => heap[0],
    pop() {
      swap(0, heap.length - 1);
      const top = heap.pop();
      sink();
      return top;
    },
  };
}
