/** Keeps a document: what comes in the same moment is written by one statement. */
import type { Principal } from '../../dialects/dialect.ts';
import type { NewDocument } from '../../dialects/hub-port.ts';
import type { HubDocument } from '../../events/document.ts';
import { bucketOf } from '../../events/identifiers.ts';
import { invalid, Problem } from '../../events/problem.ts';
import { createBatches } from '../../lib/batches.ts';
import type { Database } from '../database.ts';
import { ownerOf } from '../entitlement.ts';
import { knownOrganizations, refuseUnknown } from '../units/known-organizations.ts';
import type { DocumentsParts } from './index.ts';
import { type DocumentToInsert, insertDocuments } from './insert.ts';

/** A body may have 1 MiB, so these bound what is held at once. */
const documentsPerBatchMax = 64;
const documentsWaitingMax = 512;

interface Made {
  readonly organizationName: string | undefined;
  /** When its stops are told of the units booked before, if there are any. */
  readonly planned: Promise<void> | undefined;
}

/** Throws `invalid-input`, `conflict`, `overloaded`. */
export function createDocumentWriter({
  database,
  nowMs,
  newId,
  planner,
}: DocumentsParts): (principal: Principal, given: NewDocument) => Promise<HubDocument> {
  const batches = createBatches<DocumentToInsert, Made>({
    async run(documents) {
      const note = planner?.noteFor(documents);
      const made = await insertDocuments(database, documents, note);
      const kept = documents.filter(({ id }) => made.has(id));
      // Goes on beside the next batch. Nearly always there is nothing that is worth waiting for.
      const planned = note && planner?.documentsKept(note, kept);
      return documents.map(({ id }) => {
        const { name: organizationName, isBooked = false } = made.get(id) ?? {};
        return { organizationName, planned: isBooked ? planned : undefined };
      });
    },
    itemsPerBatchMax: documentsPerBatchMax,
    itemsWaitingMax: documentsWaitingMax,
    full: () => new Problem('overloaded', 'too many documents at once', { retryAfterSec: 1 }),
  });
  return async (principal, given) => {
    const organization = ownerOf(principal, given.organization);
    await checkParties(database, given, organization);
    const id = newId(bucketOf(given.number));
    const document = { ...factsOf(given), id, organization, createdAtMs: nowMs() };
    const { organizationName, planned } = await batches.add(document);
    if (organizationName === undefined) throw taken();
    await planned;
    return { ...document, organizationName };
  };
}

function factsOf({ type, number, dialect, parties, stops, body }: NewDocument) {
  const lowered = parties.map(({ organization, role }) => ({
    organization: organization.toLowerCase(),
    role,
  }));
  return { type, number, dialect, parties: lowered, stops, body };
}

/** An organization's own proof tells that it exists; others have to be looked up. */
async function checkParties(
  database: Database,
  { organization, parties }: NewDocument,
  owner: string,
): Promise<void> {
  const named = parties.map((party) => party.organization);
  const asked = organization === undefined ? named : [owner, ...named];
  if (asked.length === 0) return;
  const known = await knownOrganizations(database, asked);
  if (organization !== undefined && !known.has(owner)) {
    throw invalid('organization', 'no such organization', 'known');
  }
  refuseUnknown(known, parties);
}

function taken(): Problem {
  const message = 'there is a document of this number already';
  const issues = [{ path: 'number', message, rule: 'unique' }];
  return new Problem('conflict', `number: ${message}`, { issues });
}
