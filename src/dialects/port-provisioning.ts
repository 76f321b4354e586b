/** The operator's part of the hub's port: organizations and what they are given. */
import type { Page, PageRequest } from './hub-port.ts';

export interface ProvisioningPort {
  readonly createOrganization: (given: { name: string }) => Promise<Organization>;
  readonly listOrganizations: (page: PageRequest) => Promise<Page<Organization>>;
  /** The calls below throw `not-found` for an unknown organization, `conflict` for a taken name. */
  readonly createApplication: (
    organization: string,
    given: { name: string; scopes: readonly string[] },
  ) => Promise<{ clientId: string; clientSecret: string; scopes: readonly string[] }>;
  readonly createApiKey: (
    organization: string,
    given: { name: string; offer?: string },
  ) => Promise<{ id: string; apiKey: string; offer: string }>;
  readonly createUser: (
    organization: string,
    given: { username: string; password: string; services?: readonly string[] },
  ) => Promise<{ id: string; username: string; services: readonly string[] }>;
  readonly createOffer: (given: NewOffer) => Promise<Offer>;
  readonly listOffers: () => Promise<readonly Offer[]>;
  /** A new token signing key; tokens of the old one stay good until they expire. */
  readonly rotateSigningKey: () => Promise<{ kid: string }>;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
}

export interface NewOffer {
  readonly name: string;
  /** Dialects that a key of this offer opens; absent means all. */
  readonly dialects?: readonly string[];
  /** Requests per minute and key; absent means no limit. */
  readonly requestsPerMinute?: number;
}

export interface Offer extends NewOffer {
  readonly id: string;
}
