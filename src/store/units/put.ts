/**
 * Books a unit or brings it up to date. Which unit a booking means, among its owner's:
 *
 * - with an SPI the unit of that SPI; else the newest unit of the reference where that has no SPI
 *   yet, and gets it; else a new passage;
 * - without an SPI the newest unit of the reference, or a new one.
 *
 * Where that newest one has left and the booking names documents, none of them its own, it is a
 * passage that travels under one of them, so that a repeat of an old booking makes no third one;
 * else a new passage. Ours: no partner publishes when a number that comes again is a new passage.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Principal } from '../../dialects/dialect.ts';
import type { PutUnit } from '../../dialects/hub-port.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import { travelsUnder } from '../../events/passages.ts';
import { Problem } from '../../events/problem.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { aliasesOf } from '../../events/unit-aliases.ts';
import type { Database } from '../database.ts';
import { ownerOf } from '../entitlement.ts';
import { type UnitRow, unitFromRow } from '../rows.ts';
import { findOwnByDocuments, findOwnBySpi, findOwnNewest } from './find-own.ts';
import { hasClosed } from './has-closed.ts';
import type { UnitsParts } from './index.ts';
import { insertUnit } from './insert.ts';
import { insertVersion } from './insert-version.ts';
import { checkOrganizations } from './known-organizations.ts';
import { lockUnit, type UnitNames } from './lock.ts';
import { moveReference } from './move-reference.ts';
import { book, checkPutUnit, rebook } from './put-rules.ts';
import { replaceAliases } from './replace-aliases.ts';
import { replaceDocuments } from './replace-documents.ts';
import { replaceParties } from './replace-parties.ts';
import { updateUnit } from './update.ts';

export interface PutResult {
  readonly unit: HandlingUnit;
  readonly created: boolean;
}

/**
 * Throws `invalid-input`, `forbidden` when someone else is named as owner, and `conflict` when the
 * SPI belongs to another reference.
 */
export async function putUnit(
  parts: UnitsParts,
  principal: Principal,
  given: PutUnit,
): Promise<PutResult> {
  checkPutUnit(given);
  const owner = ownerOf(principal, given.organization);
  const key = referenceKey(given.reference);
  const names = { owner, key, spi: given.spi };
  return parts.database.transaction(async () => {
    await checkOrganizations(parts.database, owner, given.parties);
    await lockUnit(parts.database, names);
    const current = await findMeant(parts.database, names, given.documents);
    return current === undefined
      ? create(parts, owner, given)
      : change(parts, current, rebook(current, given, parts.nowMs()));
  });
}

async function findMeant(
  database: Database,
  { owner, key, spi }: UnitNames,
  documents: PutUnit['documents'],
): Promise<HandlingUnit | undefined> {
  const ofSpi = spi === undefined ? undefined : await findOwnBySpi(database, owner, spi);
  if (ofSpi !== undefined) {
    if (referenceKey(ofSpi.reference) !== key) throw spiTaken();
    return unitFromRow(ofSpi);
  }
  const reference = { bucket: bucketOf(key), key };
  const newest = await findOwnNewest(database, owner, reference);
  // Another SPI means that the unit has come again: the earlier passage keeps its own.
  const mayBe = (unit: UnitRow) => spi === undefined || unit.spi === null;
  if (newest === undefined || !mayBe(newest)) return undefined;
  if (!(await isBookedAnew(database, newest, documents))) return unitFromRow(newest);
  const known = await findOwnByDocuments(database, owner, { ...reference, documents });
  return known !== undefined && mayBe(known) ? unitFromRow(known) : undefined;
}

/** Whether the unit has left, and what is booked now travels under other documents. */
async function isBookedAnew(
  database: Database,
  newest: UnitRow,
  documents: PutUnit['documents'] = [],
): Promise<boolean> {
  if (documents.length === 0 || travelsUnder(newest, documents)) return false;
  return hasClosed(database, newest);
}

function spiTaken(): Problem {
  const message = 'this SPI names a passage of another reference';
  const issue = { path: 'spi', message, rule: 'unique' };
  return new Problem('conflict', `spi: ${message}`, { issues: [issue] });
}

function referenceOf({ reference }: HandlingUnit) {
  const key = referenceKey(reference);
  return { bucket: bucketOf(key), key };
}

async function create(parts: UnitsParts, organization: string, given: PutUnit): Promise<PutResult> {
  const { database, newId, nowMs } = parts;
  const id = newId(bucketOf(referenceKey(given.reference)));
  const unit = book(given, { id, organization, nowMs: nowMs() });
  await insertUnit(database, unit);
  await moveReference(database, referenceOf(unit));
  if (unit.documents.length > 0) await replaceDocuments(database, unit);
  if (unit.parties.length > 0) await replaceParties(database, unit);
  if (aliasesOf(unit.details).length > 0) await replaceAliases(database, unit);
  await insertVersion(database, unit);
  await parts.planner?.unitBooked(unit);
  return { unit, created: true };
}

/** Writes only what differs; a booking that changes nothing writes nothing. */
async function change(
  { database, planner }: UnitsParts,
  current: HandlingUnit,
  wanted: HandlingUnit,
): Promise<PutResult> {
  const isSame = isDeepStrictEqual({ ...wanted, updatedAtMs: current.updatedAtMs }, current);
  if (isSame) return { unit: current, created: false };
  await updateUnit(database, wanted);
  await moveReference(database, referenceOf(wanted));
  const isMoved = !isDeepStrictEqual(wanted.documents, current.documents);
  if (isMoved) await replaceDocuments(database, wanted);
  const isShared = !isDeepStrictEqual(wanted.parties, current.parties);
  if (isShared) await replaceParties(database, wanted);
  if (!isDeepStrictEqual(aliasesOf(wanted.details), aliasesOf(current.details))) {
    await replaceAliases(database, wanted);
  }
  await insertVersion(database, wanted);
  if (isMoved || isShared) await planner?.unitBooked(wanted);
  return { unit: wanted, created: false };
}
