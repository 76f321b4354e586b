/** What a booking may say, and what it makes of the unit as it was. Pure. */
import type { PutUnit } from '../../dialects/hub-port.ts';
import { isSpi } from '../../events/identifiers.ts';
import { invalid } from '../../events/problem.ts';
import type { HandlingUnit, Party } from '../../events/unit.ts';
import { type AliasKind, aliasesOf } from '../../events/unit-aliases.ts';
import type { ParcelDetails } from '../../events/unit-details.ts';
import { present } from '../../lib/present.ts';
import { findBadTextDeep } from '../../lib/text.ts';

/** Longest text that is part of an index: a btree entry holds 2,704 bytes at most. */
const namesBytesMax = 512;
const documentsMax = 500;
const partiesMax = 200;

/**
 * The door's schemas say most of this already; it is said again here because what is stored is
 * read by every dialect. Throws `invalid-input` naming the field.
 */
export function checkPutUnit(given: PutUnit): void {
  const bad = findBadTextDeep(given);
  if (bad !== undefined) throw invalid(bad.path.join('.'), `holds a ${bad.problem}`, 'text');
  checkName('reference', given.reference);
  if (given.spi !== undefined && !isSpi(given.spi)) {
    throw invalid('spi', 'an SPI is 3 capital letters and 10 digits', 'pattern');
  }
  const { documents = [], parties = [], details = {} } = given;
  if (documents.length > documentsMax) throw tooMany('documents', documentsMax);
  if (parties.length > partiesMax) throw tooMany('parties', partiesMax);
  for (const [at, document] of documents.entries()) {
    checkName(`documents.${at}.reference`, document.reference);
  }
  for (const alias of aliasesOf(details)) {
    checkName(`details.parcel.${aliasMembers[alias.kind]}`, alias.value);
  }
  for (const [at, party] of parties.entries()) {
    checkName(`parties.${at}.role`, party.role);
    if (party.role === 'owner') {
      throw invalid(`parties.${at}.role`, 'owner is reserved for the organization', 'reserved');
    }
  }
}

const aliasMembers: Readonly<Record<AliasKind, keyof ParcelDetails>> = {
  'shipment-number': 'shipmentNumber',
  'return-code': 'returnCode',
};

function checkName(path: string, text: string): void {
  if (text.trim() === '') throw invalid(path, 'must not be empty', 'minLength');
  if (Buffer.byteLength(text) > namesBytesMax) {
    throw invalid(path, `must not be longer than ${namesBytesMax} bytes`, 'maxLength');
  }
}

function tooMany(path: string, countMax: number) {
  return invalid(path, `must not hold more than ${countMax}`, 'maxItems');
}

/** The unit after the booking: what is given replaces, what is not mentioned stays. */
export function rebook(current: HandlingUnit, given: PutUnit, nowMs: number): HandlingUnit {
  return {
    ...current,
    ...present({
      reference: given.reference.trim(),
      spi: given.spi,
      freightFamily: given.freightFamily,
      customsFlag: given.customsFlag,
      documents: given.documents && distinctDocuments(given.documents),
      parties: given.parties && distinctParties(given.parties),
      details: given.details,
    }),
    updatedAtMs: nowMs,
  };
}

export interface NewUnit {
  readonly id: string;
  readonly organization: string;
  readonly nowMs: number;
}

export function book(given: PutUnit, { id, organization, nowMs }: NewUnit): HandlingUnit {
  const blank: HandlingUnit = {
    id,
    organization,
    reference: given.reference,
    freightFamily: given.freightFamily,
    customsFlag: 'Unknown',
    documents: [],
    parties: [],
    details: {},
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
  return rebook(blank, given, nowMs);
}

/** In the order in which the store gives them back, so that equal lists compare equal. */
function distinctDocuments(documents: HandlingUnit['documents']): HandlingUnit['documents'] {
  return distinct(documents, (document) => `${document.type}\u0000${document.reference}`);
}

function distinctParties(parties: readonly Party[]): Party[] {
  const inLowerCase = parties.map(({ organization, role }) => ({
    organization: organization.toLowerCase(),
    role,
  }));
  return distinct(inLowerCase, (party) => `${party.role}\u0000${party.organization}`);
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  return [...byKey].sort(([left], [right]) => compareBytes(left, right)).map(([, item]) => item);
}

/** As PostgreSQL compares in the C collation; comparing UTF-16 units would differ beyond U+FFFF. */
function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
