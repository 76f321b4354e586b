/**
 * Where a process runs, so that another one on the same machine can tell for certain that it has
 * ended. A lost connection proves nothing: the process may live and be at work.
 *
 * Process ids say something only within one pid namespace of one running kernel, so both are part of
 * the place. Where the system does not tell them (anything but Linux) there is no certainty.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ProcessPlace {
  /** Of this process; undefined where nobody could judge by it. */
  readonly text: string | undefined;
  /** True only where the process of that place has ended beyond doubt. */
  readonly hasEnded: (text: string) => boolean;
}

/** Nothing is certain. */
export const nowhere: ProcessPlace = { text: undefined, hasEnded: () => false };

export function placeOfThisProcess(): ProcessPlace {
  const kernel = kernelText();
  if (kernel === undefined) return nowhere;
  return {
    text: `${kernel} ${process.pid}`,
    hasEnded(text) {
      const [, other, pid] = /^(.+) (\d+)$/.exec(text) ?? [];
      return other === kernel && isUnknown(Number(pid));
    },
  };
}

/** A number that was given to another process since looks alive: the error that does no harm. */
function isUnknown(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function kernelText(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}
