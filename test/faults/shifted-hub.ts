/**
 * A hub whose wall clock is set by a test: `npm start` with another `Date`. The shift stands in a
 * file, in milliseconds, and is read again at each SIGUSR2.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const file = process.env['CLOCK_SHIFT_FILE'] ?? '';
const RealDate = Date;
let shiftMs = 0;

function readShift(): void {
  shiftMs = Number(readFileSync(file, 'utf8'));
}

class ShiftedDate extends RealDate {
  constructor(...given: [] | [value: number | string | Date]) {
    // Without an argument a date is the present.
    super(given.length === 0 ? ShiftedDate.now() : given[0]);
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

readShift();
process.on('SIGUSR2', readShift);
Object.assign(globalThis, { Date: ShiftedDate });
// The built program: the one that is started otherwise.
await import(pathToFileURL(process.env['HUB_PROGRAM'] ?? '').href);
