/** Shapes of the operator's calls: organizations and what they own, offers, keys. */
import Type, { type Static } from 'typebox';
import { maybe, maybeList } from '../../../lib/maybe.ts';
import { closed, nullable } from '../../../lib/schema.ts';
import { Name, pageOf } from '../schemas.ts';

/** A scope or a service; which ones exist is known to identity, not here. */
const Word = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9.:_-]*$' });
const DialectName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' });

export const OrganizationBody = closed({ name: Name });
export type OrganizationBody = Static<typeof OrganizationBody>;

export const Organization = Type.Object({ id: Type.String(), name: Type.String() });
export const OrganizationPage = pageOf(Organization);

export const ApplicationBody = closed({
  name: Name,
  scopes: Type.Array(Word, { maxItems: 50, examples: [['hub.read', 'hub.events.write']] }),
});
export type ApplicationBody = Static<typeof ApplicationBody>;

export const Application = Type.Object({
  clientId: Type.String(),
  clientSecret: Type.String({ description: 'Shown once.' }),
  scopes: Type.Array(Type.String()),
});

export const ApiKeyBody = closed({
  name: Name,
  offer: maybe({ ...Name, description: 'Name of an offer; the default one when missing.' }),
});
export type ApiKeyBody = Static<typeof ApiKeyBody>;

export const ApiKey = Type.Object({
  id: Type.String(),
  apiKey: Type.String({ description: 'Shown once.' }),
  offer: Type.String(),
});

export const UserBody = closed({
  username: Name,
  password: Type.String({ minLength: 8, maxLength: 1024 }),
  services: maybeList(Word, { maxItems: 50 }),
});
export type UserBody = Static<typeof UserBody>;

export const User = Type.Object({
  id: Type.String(),
  username: Type.String(),
  services: Type.Array(Type.String()),
});

export const OfferBody = closed({
  name: Name,
  dialects: maybeList(DialectName, { maxItems: 50, minItems: 1 }),
  requestsPerMinute: maybe(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
});
export type OfferBody = Static<typeof OfferBody>;

export const Offer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  dialects: nullable(
    Type.Array(Type.String(), { description: 'What a key of this offer opens; null: all.' }),
  ),
  requestsPerMinute: nullable(Type.Integer({ description: 'Per key; null: no limit.' })),
});
export const OfferPage = pageOf(Offer);

export const SigningKey = Type.Object({ kid: Type.String() });
