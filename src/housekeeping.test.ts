// Chores: some at the start, each by itself, none left behind.
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { type Chore, startHousekeeping } from './housekeeping.ts';

const dayMs = 86_400_000;

interface Complaint {
  readonly chore: string;
  readonly err: { readonly message: string };
}

function recording() {
  const complaints: Complaint[] = [];
  const logger = pino({}, { write: (line) => void complaints.push(JSON.parse(line)) });
  return { complaints, logger };
}

const chore = (name: string, run: Chore['run'], isAtStart: boolean): Chore => ({
  ...{ name, run, isAtStart, everyMs: dayMs },
});

it('runs at the start what is to be run then, and the rest at its turn', async () => {
  vi.useFakeTimers();
  const ran: string[] = [];
  const note = (name: string) => async () => void ran.push(name);
  const { complaints, logger } = recording();
  const stop = startHousekeeping(
    [chore('now', note('now'), true), chore('later', note('later'), false)],
    logger,
  );
  expect(ran).toEqual(['now']);
  await vi.advanceTimersByTimeAsync(dayMs);
  expect(ran).toEqual(['now', 'now', 'later']);
  await stop();
  await vi.advanceTimersByTimeAsync(dayMs);
  expect([ran.length, complaints]).toEqual([3, []]);
  vi.useRealTimers();
});

it('tells of a chore that fails, and waits for those under way when it stops', async () => {
  const { complaints, logger } = recording();
  let finish: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stop = startHousekeeping(
    [
      chore('failing', () => Promise.reject(new Error('no luck')), true),
      chore('slow', () => slow, true),
    ],
    logger,
  );
  let isStopped = false;
  const stopping = stop().then(() => {
    isStopped = true;
  });
  await vi.waitFor(() => expect(complaints).toHaveLength(1));
  expect(complaints).toMatchObject([{ chore: 'failing', err: { message: 'no luck' } }]);
  expect(isStopped).toBe(false);
  finish();
  await stopping;
  expect(isStopped).toBe(true);
});
