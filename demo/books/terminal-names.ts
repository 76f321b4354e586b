/** The terminal's names for events, by its published list: worked out here without asking the hub. */
import type { Happening } from './matching.ts';

/** By type; a list holds the names for sea, rail and barge, as modes 1, 2 and 8. */
const actual: Readonly<Record<string, string | readonly [string, string, string]>> = {
  shifted: 'shiftCell',
  released: 'containerFullRelease',
  'customs-held': 'customsHold',
  'customs-released': 'customsRelease',
  'gated-in': 'actualGateIn',
  'gated-out': 'actualGateOut',
  arrived: ['actualVesselArrival', 'actualRailArrival', 'actualBargeArrival'],
  departed: ['actualVesselDeparture', 'actualRailDeparture', 'actualBargeDeparture'],
  discharged: [
    'actualDischargeFromVessel',
    'actualDischargeFromRail',
    // The spelling is the terminal's own.
    'unitBargeDischargeActual',
  ],
  loaded: ['actualLoadedOnVessel', 'actualLoadedOnRail', 'actualLoadedOnBarge'],
};
const estimated: typeof actual = {
  'gated-in': 'estimatedGateIn',
  'gated-out': 'estimatedGateOut',
  arrived: ['estimatedVesselArrival', '', 'estimatedBargeArrival'],
  departed: ['estimatedVesselDeparture', '', 'estimatedBargeDeparture'],
};
const modes = [1, 2, 8];

/** Undefined where the terminal has no word for it: then nobody is told. */
export function terminalNameOf({ unit, type, classifier, mode }: Happening): string | undefined {
  if (unit.freightFamily !== 'Container' || classifier === 'planned') return undefined;
  const names = (classifier === 'estimated' ? estimated : actual)[type];
  const name = typeof names === 'string' ? names : names?.[modes.indexOf(mode ?? -1)];
  return name === '' ? undefined : name;
}
