/**
 * Names under which a unit is found beside its reference and SPI: the number of the shipment that a
 * parcel travels in, and the code of its return. Unlike a reference they may name several units.
 */
import type { UnitDetails } from './unit-details.ts';

export const ALIAS_KINDS = ['shipment-number', 'return-code'] as const;
export type AliasKind = (typeof ALIAS_KINDS)[number];

export interface UnitAlias {
  readonly kind: AliasKind;
  /** A key: all spellings of one name give the same. */
  readonly value: string;
}

// A GINC is a company prefix, which is digits, and more characters without spaces; 30 at most.
const gincPrefix = '(401)';
const ginc = /^\d[\x21-\x7e]{0,29}$/;

/**
 * The key of a shipment number. A GINC (GS1 application identifier 401) may be written with `(401)`
 * before it, which is no part of the number; spaces after that do not count, hyphens do, because a
 * GINC may hold them. A bare `401` stays: unlike an SSCC a GINC has no fixed length, so nothing tells
 * it from a number that begins with 401. Anything else is only trimmed. The key of a key is itself.
 *
 * Stored in the database, so a change of this rule needs a migration.
 */
export function shipmentKey(shipmentNumber: string): string {
  const trimmed = shipmentNumber.trim();
  if (!trimmed.startsWith(gincPrefix)) return trimmed;
  const number = trimmed.slice(gincPrefix.length).replace(/\s/g, '');
  return ginc.test(number) ? number : trimmed;
}

/** The key of a return code: trimmed, its case kept. */
export function returnKey(returnCode: string): string {
  return returnCode.trim();
}

/** The ways in which documents may spell a shipment number, of which only the key is stored. */
export function shipmentSpellings(shipmentNumber: string): string[] {
  const key = shipmentKey(shipmentNumber);
  return [...new Set([shipmentNumber.trim(), key, `${gincPrefix}${key}`])];
}

/** A blank name is none. */
export function aliasesOf({ parcel }: UnitDetails): UnitAlias[] {
  const aliases: UnitAlias[] = [
    { kind: 'shipment-number', value: shipmentKey(parcel?.shipmentNumber ?? '') },
    { kind: 'return-code', value: returnKey(parcel?.returnCode ?? '') },
  ];
  return aliases.filter(({ value }) => value !== '');
}
