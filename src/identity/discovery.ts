/** The discovery document: where tokens come from and how to verify them. */
import { ALGORITHM } from './key-ring.ts';

/** Grants of the token endpoint in this version; see routes.ts. */
const GRANT_TYPES = ['client_credentials', 'password', 'refresh_token'];

/**
 * OpenID Connect Discovery 1.0, section 3, and RFC 8414. There is no authorization endpoint and no
 * id token: people do not sign in to other parties' programs here. The members that the
 * standard requires all the same say so, or clients would refuse the document.
 */
export function discoveryDocument(issuer: string, grantTypes: readonly string[] = GRANT_TYPES) {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: grantTypes,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [ALGORITHM],
    claims_supported: [
      ...['iss', 'sub', 'aud', 'iat', 'exp', 'jti'],
      ...['client_id', 'org', 'kind', 'scope', 'services'],
    ],
  };
}
