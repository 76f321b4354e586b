/**
 * The operator's calls: organizations, applications, API keys, users, offers. Secrets are random,
 * given out once and stored as hashes. No statement here fails on wrong input, so the calls
 * may run inside a transaction of the caller's.
 */
import type {
  NewOffer,
  Offer,
  Organization,
  Page,
  PageRequest,
  ProvisioningPort,
} from '../dialects/hub-port.ts';
import { invalid, Problem } from '../events/problem.ts';
import { isUuid } from '../lib/id.ts';
import type { Database } from '../store/database.ts';
import { insertApiKey } from '../store/identity/api-keys.ts';
import { insertApplication } from '../store/identity/applications.ts';
import { findOffer, insertOffer, type OfferRow, readOffers } from '../store/identity/offers.ts';
import {
  insertOrganization,
  organizationExists,
  readOrganizations,
} from '../store/identity/organizations.ts';
import { insertUser } from '../store/identity/users.ts';
import { encodeCursor, idCursor, limitOf, pageOf } from '../store/page.ts';
import type { Identity } from './index.ts';
import { checkName, checkPassword, checkRate, checkUsername, checkWords } from './rules.ts';
import { newSecret, sha256 } from './secrets.ts';

/** Exists from the first start: all dialects, no limit. */
export const STANDARD_OFFER = 'standard';

/** Name of the list in its cursors. */
const LIST = 'organizations';

export interface ProvisioningParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** A new uuid, increasing with time. */
  readonly newId: () => string;
  readonly identity: Pick<Identity, 'rotateSigningKey' | 'hashPassword'>;
  /** Words that may be given; the dialects' own, so that none is named here. */
  readonly known: {
    readonly scopes: ReadonlySet<string>;
    /** Services that users may use; a user gets all of them where none are named. */
    readonly services: ReadonlySet<string>;
    readonly dialects: ReadonlySet<string>;
  };
}

/** Adds the standard offer where it is missing. */
export async function createProvisioning(parts: ProvisioningParts): Promise<ProvisioningPort> {
  const { database, nowMs, newId } = parts;
  const standard = { id: newId(), name: STANDARD_OFFER, dialects: null, requestsPerMinute: null };
  await insertOffer(database, { ...standard, createdAt: new Date(nowMs()) });
  return {
    createOrganization: (given) => createOrganization(parts, given),
    listOrganizations: (page) => listOrganizations(database, page),
    createApplication: (organization, given) => createApplication(parts, organization, given),
    createApiKey: (organization, given) => createApiKey(parts, organization, given),
    createUser: (organization, given) => createUser(parts, organization, given),
    createOffer: (given) => createOffer(parts, given),
    listOffers: async () => (await readOffers(database)).map(offerOf),
    rotateSigningKey: parts.identity.rotateSigningKey,
  };
}

async function createOrganization(
  { database, nowMs, newId }: ProvisioningParts,
  { name }: { readonly name: string },
): Promise<Organization> {
  checkName('name', name);
  const organization = { id: newId(), name };
  await insertOrganization(database, { ...organization, createdAt: new Date(nowMs()) });
  return organization;
}

async function listOrganizations(
  database: Database,
  page: PageRequest,
): Promise<Page<Organization>> {
  const limit = limitOf(page);
  const after = idCursor(LIST, page.cursor) ?? null;
  const rows = await readOrganizations(database, { after, limit: limit + 1 });
  const cursorOf = ({ id }: Organization) => encodeCursor(LIST, [id]);
  return pageOf({ rows, limit, itemOf: (row) => row, cursorOf });
}

async function createApplication(
  { database, nowMs, known }: ProvisioningParts,
  organization: string,
  given: { readonly name: string; readonly scopes: readonly string[] },
) {
  const organizationId = organizationIdOf(organization);
  checkName('name', given.name);
  const scopes = checkWords('scopes', given.scopes, known.scopes);
  const [clientId, clientSecret] = [newSecret('app_'), newSecret('secret_')];
  const isDone = await insertApplication(database, {
    clientId,
    organizationId,
    name: given.name,
    secretSha256: sha256(clientSecret),
    scopes,
    createdAt: new Date(nowMs()),
  });
  if (!isDone) throw noOrganization();
  return { clientId, clientSecret, scopes };
}

async function createApiKey(
  { database, nowMs, newId }: ProvisioningParts,
  organization: string,
  given: { readonly name: string; readonly offer?: string },
) {
  const organizationId = organizationIdOf(organization);
  checkName('name', given.name);
  if (given.offer !== undefined) checkName('offer', given.offer);
  const offer = await findOffer(database, given.offer ?? STANDARD_OFFER);
  if (offer === undefined) throw invalid('offer', 'there is no such offer', 'reference');
  const [id, apiKey] = [newId(), newSecret('pk_')];
  const isDone = await insertApiKey(database, {
    id,
    organizationId,
    name: given.name,
    keySha256: sha256(apiKey),
    offerId: offer.id,
    createdAt: new Date(nowMs()),
  });
  if (!isDone) throw noOrganization();
  return { id, apiKey, offer: offer.name };
}

async function createUser(
  { database, nowMs, newId, identity, known }: ProvisioningParts,
  organization: string,
  given: {
    readonly username: string;
    readonly password: string;
    readonly services?: readonly string[];
  },
) {
  const organizationId = organizationIdOf(organization);
  const { username } = given;
  checkUsername('username', username);
  checkPassword('password', given.password);
  const services = checkWords('services', given.services ?? [...known.services], known.services);
  const [id, passwordHash] = [newId(), await identity.hashPassword(given.password)];
  const user = { id, organizationId, username, passwordHash, services };
  const isDone = await insertUser(database, { ...user, createdAt: new Date(nowMs()) });
  if (!isDone) {
    if (!(await organizationExists(database, organizationId))) throw noOrganization();
    throw new Problem('conflict', 'the username is taken');
  }
  return { id, username, services };
}

async function createOffer(
  { database, nowMs, newId, known }: ProvisioningParts,
  given: NewOffer,
): Promise<Offer> {
  checkName('name', given.name);
  const dialects =
    given.dialects === undefined ? null : checkWords('dialects', given.dialects, known.dialects);
  if (dialects?.length === 0) throw invalid('dialects', 'must name one at least', 'minItems');
  const requestsPerMinute = given.requestsPerMinute ?? null;
  if (requestsPerMinute !== null) checkRate('requestsPerMinute', requestsPerMinute);
  const row = { id: newId(), name: given.name, dialects, requestsPerMinute };
  const isDone = await insertOffer(database, { ...row, createdAt: new Date(nowMs()) });
  if (!isDone) throw new Problem('conflict', 'the name of the offer is taken');
  return offerOf(row);
}

function offerOf({ id, name, dialects, requestsPerMinute }: OfferRow): Offer {
  return {
    id,
    name,
    ...(dialects === null ? {} : { dialects }),
    ...(requestsPerMinute === null ? {} : { requestsPerMinute }),
  };
}

/** Text that is no uuid names nothing; the database is not asked. */
function organizationIdOf(organization: string): string {
  if (!isUuid(organization)) throw noOrganization();
  return organization;
}

function noOrganization(): Problem {
  return new Problem('not-found', 'there is no such organization');
}
