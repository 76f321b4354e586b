/**
 * Which subscription is due which event, worked out from the documents and independently of the
 * hub: what the demo expects must not come from what happens to arrive.
 */
import type { Role, Unit } from '../cast.ts';
import { terminalNameOf } from './terminal-names.ts';

/** Something that happens to a unit, in the canonical words of the hub's API. */
export interface Happening {
  readonly unit: Unit;
  readonly type: string;
  readonly classifier?: 'estimated' | 'planned';
  readonly occurredAt: string;
  readonly place?: {
    readonly unlocode?: string;
    readonly location?: string;
    readonly name?: string;
    readonly latitude?: number;
    readonly longitude?: number;
  };
  /** UN/ECE Recommendation 19: 1 sea, 3 road. */
  readonly mode?: number;
  readonly way?: 'in' | 'out';
  readonly vehicle?: { readonly id?: string; readonly name?: string; readonly voyage?: string };
  readonly full?: boolean;
  readonly message?: string;
  /** The partner's own code, by dialect. */
  readonly codes?: Readonly<Record<string, string>>;
}

export type PushDialect = 'hub' | 'soget' | 'terminal';

/** What a subscriber of the story wishes to be told. */
export interface Wish {
  /** Unique; also the last part of the callback's path. */
  readonly name: string;
  readonly dialect: PushDialect;
  readonly subscriber: Role;
  readonly filter: {
    readonly reference?: string;
    readonly spi?: string | undefined;
    readonly types?: readonly string[];
    /** UN/LOCODE or location code. */
    readonly place?: string | undefined;
    readonly freightFamily?: string;
    /** The customs direction, as SOGET's `way` names it. */
    readonly direction?: string | undefined;
  };
  /** SOGET's `externalReference`, echoed in its webhooks. */
  readonly externalReference?: string | undefined;
}

export function isDue(wish: Wish, happening: Happening): boolean {
  const { filter, subscriber } = wish;
  const { unit, place } = happening;
  const isEntitled = unit.owner === subscriber || unit.parties.includes(subscriber);
  return (
    isEntitled &&
    isTold(wish.dialect, happening) &&
    fits(filter.reference, unit.reference) &&
    fits(filter.spi, unit.spi) &&
    fits(filter.freightFamily, unit.freightFamily) &&
    fits(filter.direction, unit.customsFlag) &&
    fits(filter.place, place?.unlocode, place?.location) &&
    (filter.types === undefined || filter.types.includes(happening.type))
  );
}

function isTold(dialect: PushDialect, happening: Happening): boolean {
  if (dialect === 'terminal') return terminalNameOf(happening) !== undefined;
  // SOGET's trackings tell what has happened, not what is planned or estimated.
  return dialect === 'hub' || happening.classifier === undefined;
}

const fits = (wanted: string | undefined, ...given: readonly (string | undefined)[]) =>
  wanted === undefined || given.includes(wanted);
