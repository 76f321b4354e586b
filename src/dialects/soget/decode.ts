/** What SOGET's callers send → the hub's words. Pure. */
import { isSpi, referenceKey } from '../../events/identifiers.ts';
import { Problem } from '../../events/problem.ts';
import { queryInstantMs } from '../../events/query-instant.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { FREIGHT_FAMILIES } from '../../events/types.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { readClientProof } from '../../lib/client-proof.ts';
import { present } from '../../lib/present.ts';
import { findBadText } from '../../lib/text.ts';
import type { NewSubscription, TraceQuery } from '../hub-port.ts';
import { parseCallbackUrl } from './callback-url.ts';
import { NO_UNIT_RULE } from './errors.ts';
import type { TracingQuery } from './handling-unit-schema.ts';
import type {
  CustomsIndicator,
  TokenRequest,
  TrackingQuery,
  TrackingSinglePost,
} from './schemas.ts';

/** Newest events shown per handling unit; a passage has some tens. */
export const UNIT_EVENTS_MAX = 500;

const REFERENCE_CHARS_MAX = 17;
const shown = FREIGHT_FAMILIES.filter((family) => family !== 'Parcel');

/* ---- tracking --------------------------------------------------------------------------------- */

/** A checked tracking request as a subscription. Throws `invalid-input` about `url` or `since`. */
export function decodeTracking(
  body: TrackingSinglePost,
  query: TrackingQuery = {},
): NewSubscription {
  const reference = referenceKey(body.reference);
  const spi = given(body.spi);
  const place = given(body.place)?.toUpperCase();
  const agentCode = given(body.agentCode);
  const externalReference = given(body.externalReference);
  const way = body.way ?? 'Unknown';
  const url = urlOf(body.url);
  return {
    dialect: 'soget',
    url,
    filter: {
      ...present({ reference, spi, place }),
      ...WAY_FILTERS[way],
      // A tracking tells what happened: planned and estimated events are not pushed (ours).
      classifier: 'actual',
    },
    settings: present({ agentCode, externalReference }),
    externalId: { prefix: 'TRK', digits: 10 },
    ...present({ sinceMs: queryInstantMs('since', query.since) }),
    // One order of members, one spelling: null, missing, and `Unknown` mean the same. The past is
    // no part of it: a request that is sent again must not make a second tracking.
    sameAs: JSON.stringify([reference, spi, way, place, agentCode, externalReference, url]),
  };
}

/**
 * The domestic words name direction and movement at once. Ours: `DomesticTranshipment` takes every
 * domestic event, since an event cannot say more; `Unknown` takes events of every direction.
 */
const WAY_FILTERS: Readonly<
  Record<CustomsIndicator, Pick<SubscriptionFilter, 'direction' | 'way'>>
> = {
  Unknown: {},
  Import: { direction: 'import' },
  Export: { direction: 'export' },
  Transit: { direction: 'transit' },
  Transhipment: { direction: 'transhipment' },
  DomesticIn: { direction: 'domestic', way: 'in' },
  DomesticOut: { direction: 'domestic', way: 'out' },
  DomesticTranshipment: { direction: 'domestic' },
};

function urlOf(text: string): string {
  const parsed = parseCallbackUrl(text);
  if (parsed.ok) return parsed.url;
  const { message, rule } = parsed;
  throw new Problem('invalid-input', `url: ${message}`, {
    issues: [{ path: 'url', message, rule, value: text.slice(0, 100) }],
  });
}

/** Null and the empty text mean: not given (ours; tracing's own defaults are empty texts). */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}

/* ---- tracing ---------------------------------------------------------------------------------- */

/** Throws `invalid-input`: neither reference nor SPI (R002), or one of them misshapen (R003). */
export function decodeTraceQuery(query: TracingQuery): TraceQuery {
  const reference = given(query.reference?.trim());
  const spi = given(query.spi?.trim());
  if (reference === undefined && spi === undefined) {
    throw wrongUnit('reference', 'reference or spi is required', NO_UNIT_RULE);
  }
  if (reference !== undefined) checkReference(reference);
  if (spi !== undefined && !isSpi(spi)) {
    throw wrongUnit('spi', 'spi must be 3 capital letters and 10 digits', 'pattern');
  }
  return {
    ...present({ reference, spi }),
    families: shown,
    descending: query.desc ?? false,
    limit: query.limit ?? 5,
    offset: query.offset ?? 0,
    eventsMax: UNIT_EVENTS_MAX,
  };
}

function checkReference(reference: string): void {
  if (!fitsCharacters(reference, REFERENCE_CHARS_MAX)) {
    const message = `reference must not be longer than ${REFERENCE_CHARS_MAX} characters`;
    throw wrongUnit('reference', message, 'maxLength');
  }
  if (findBadText(reference) !== undefined) {
    throw wrongUnit('reference', 'reference holds a control character', 'text');
  }
}

function wrongUnit(path: 'reference' | 'spi', message: string, rule: string): Problem {
  return new Problem('invalid-input', message, { issues: [{ path, message, rule }] });
}

/* ---- token ------------------------------------------------------------------------------------ */

export interface ClientLogin {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
}

/**
 * Client credentials from the form or from a Basic header, never from both. A missing `grant_type`
 * means client_credentials (ours: SOGET's sample sends none).
 * Throws `invalid-request`, `unsupported-grant-type`, `invalid-client`.
 */
export function decodeTokenRequest(request: {
  authorization?: string | undefined;
  form: TokenRequest | null;
}): ClientLogin {
  const { authorization } = request;
  const form = request.form ?? {};
  const grantType = given(form.grant_type) ?? 'client_credentials';
  if (grantType !== 'client_credentials') {
    throw new Problem('unsupported-grant-type', 'only client_credentials is supported');
  }
  if (authorization === undefined) requireBoth(form);
  const proof = readClientProof({ authorization }, present(form));
  if (!proof.ok) throw new Problem(proof.code, proof.message, { proof: 'client' });
  const { clientId, clientSecret } = proof;
  // A form is clean by now, but Basic can carry any byte, and the database cannot hold a NUL.
  if (findBadText(clientId) !== undefined) {
    throw new Problem('invalid-client', 'no such client', { proof: 'client' });
  }
  return { clientId, clientSecret, ...present({ scope: given(form.scope) }) };
}

// Without any proof nobody has failed to authenticate yet: the request is incomplete.
function requireBoth(form: TokenRequest): void {
  for (const name of ['client_id', 'client_secret'] as const) {
    if (given(form[name]) === undefined) {
      throw new Problem('invalid-request', `${name} is missing`, { proof: 'client' });
    }
  }
}
