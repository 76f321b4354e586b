import { describe, expect, it } from 'vitest';
import { createAhead } from './ahead.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Items are names; what is made of one says when: `a1` is the first that was made. */
function setUp({ madeMax = 10 } = {}) {
  const made: string[] = [];
  const state = { old: new Set<string>(), broken: new Set<string>() };
  const ahead = createAhead<string, string>({
    make(item) {
      if (state.broken.has(item)) throw new Error(`no ${item}`);
      made.push(item);
      return `${item}${made.length}`;
    },
    isOld: (one) => state.old.has(one),
    madeMax,
  });
  return { ahead, made, state };
}

describe('what is made ahead', () => {
  it('is made in the next turn, all at once, and taken as it is', async () => {
    const { ahead, made } = setUp();
    ahead.expect(['a']);
    ahead.expect(['b', 'c']);
    expect(made).toEqual([]);
    await turn();
    expect(made).toEqual(['a', 'b', 'c']);
    expect(ahead.take(['a', 'b'])).toEqual(['a1', 'b2']);
    expect(ahead.take(['c'])).toEqual(['c3']);
    expect(made).toHaveLength(3);
  });

  it('is made when it is taken before its turn, and not again', async () => {
    const { ahead, made } = setUp();
    ahead.expect(['a', 'b']);
    expect(ahead.take(['a'])).toEqual(['a1']);
    await turn();
    expect(made).toEqual(['a', 'b']);
    expect(ahead.take(['b'])).toEqual(['b2']);
  });

  it('is made anew, and all behind it, in their order, when the first has waited too long', async () => {
    const { ahead, made, state } = setUp();
    ahead.expect(['a', 'b', 'c']);
    await turn();
    ahead.expect(['d']);
    state.old.add('a1');
    expect(ahead.take(['a'])).toEqual(['a4']);
    await turn();
    expect(made).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'd']);
    expect(ahead.take(['b', 'c', 'd'])).toEqual(['b5', 'c6', 'd7']);
  });

  it('stops at so many; the others follow in their order', async () => {
    const { ahead, made } = setUp({ madeMax: 2 });
    ahead.expect(['a', 'b', 'c', 'd']);
    await turn();
    expect(made).toEqual(['a', 'b']);
    expect(ahead.take(['a', 'b', 'c'])).toEqual(['a1', 'b2', 'c3']);
    ahead.expect(['e']);
    await turn();
    expect(made).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('fails whoever takes it, and leaves nothing of its batch behind', async () => {
    const { ahead, made, state } = setUp();
    state.broken.add('b');
    ahead.expect(['a', 'b', 'c']);
    await turn();
    expect(made).toEqual(['a']);
    expect(() => ahead.take(['a', 'b', 'c'])).toThrow('no b');
    ahead.expect(['d']);
    await turn();
    expect(made).toEqual(['a', 'd']);
  });
});
