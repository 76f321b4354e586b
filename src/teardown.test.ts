// What is told to stop is told in turn, and the first built is never left, whatever the others do.
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { takeDown } from './teardown.ts';

const logger = pino({ level: 'silent' });
afterEach(() => void vi.useRealTimers());

describe('takeDown', () => {
  it('goes from the last built to the first, past those that fail', async () => {
    const told: string[] = [];
    const part =
      (name: string, fails = false) =>
      async () => {
        told.push(name);
        if (fails) throw new Error(name);
      };
    await takeDown([part('database'), part('engine', true), part('door')], logger);
    expect(told).toEqual(['door', 'engine', 'database']);
  });

  it('waits neither for ever for one that hangs, nor too little for the first', async () => {
    vi.useFakeTimers();
    const told: string[] = [];
    let end = () => {};
    const database = () => {
      told.push('database');
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    };
    const hanging = () => new Promise<void>(() => undefined);
    let isDown = false;
    const down = takeDown([database, hanging], logger).then(() => {
      isDown = true;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(told).toEqual(['database']);
    expect(isDown).toBe(false);
    end();
    await down;
    expect(isDown).toBe(true);
  });
});
