/**
 * Rows made before their batch is due: while the batch before is under way the process has time, and
 * between two batches the database has none to lose. They are made one after the other, once per turn of
 * the event loop: made in between the other work of requests they would cost three times as much, since
 * no processor keeps so much code at hand.
 */
export interface AheadOptions<Item, Made> {
  /** May throw; whoever takes the item is told. */
  readonly make: (item: Item) => Made;
  /** Whether something waited so long that it has to be made anew. */
  readonly isOld: (made: Made) => boolean;
  /** So many are made and not taken at most. */
  readonly madeMax: number;
}

export interface Ahead<Item, Made> {
  /** These will be taken, in this order. */
  readonly expect: (items: readonly Item[]) => void;
  /** In their order; what was not made yet is made now. Always made in the order of `expect`. */
  readonly take: (items: readonly Item[]) => Made[];
}

export function createAhead<Item, Made>(options: AheadOptions<Item, Made>): Ahead<Item, Made> {
  /** Not made yet, the first first. */
  let expected = new Set<Item>();
  const made = new Map<Item, Made>();
  let isAsked = false;

  function makeSome(): void {
    isAsked = false;
    for (const item of expected) {
      if (made.size >= options.madeMax) return;
      try {
        made.set(item, options.make(item));
      } catch {
        // Its batch makes it again, and fails with it. Those behind it are not made before it.
        return;
      }
      expected.delete(item);
    }
  }

  /** All of them, else those behind would be older than those before. */
  function makeAnew(): void {
    expected = new Set([...made.keys(), ...expected]);
    made.clear();
  }

  function takeOne(item: Item): Made {
    const known = made.get(item);
    if (known === undefined) {
      expected.delete(item);
      return options.make(item);
    }
    made.delete(item);
    return known;
  }

  return {
    expect(items) {
      for (const item of items) expected.add(item);
      if (isAsked) return;
      isAsked = true;
      setImmediate(makeSome);
    },
    take(items) {
      const [first] = items;
      const oldest = first === undefined ? undefined : made.get(first);
      if (oldest !== undefined && options.isOld(oldest)) makeAnew();
      try {
        return items.map(takeOne);
      } catch (error) {
        // The batch fails as a whole, and nobody takes the others any more.
        for (const item of items) {
          expected.delete(item);
          made.delete(item);
        }
        throw error;
      }
    },
  };
}
