/**
 * Shapes of the token call and of tracking, and what both APIs share. Names, lengths and nulls are
 * those of API Tracking Code v1; `nullable: true` of OpenAPI 3.0 reads here as a `null` in `type`.
 */
import Type, { type Static, type TStringOptions } from 'typebox';
import { closed, nullable, oneOf } from '../../lib/schema.ts';

const opt = Type.Optional;

export const nullableText = (options: TStringOptions = {}) => opt(nullable(Type.String(options)));

/** Date-times are texts here: they keep the offset that they were told with. */
export const dateTime = (options: object = {}) => Type.String({ format: 'date-time', ...options });

/* ---- token: RFC 6749, sections 4.4 and 5 ------------------------------------------------------ */

const credentialText = (description: string) => opt(Type.String({ maxLength: 1_024, description }));

/** Everything may be missing, so that what is missing is told in the words of RFC 6749. */
const TokenRequest = Type.Object({
  grant_type: credentialText('`client_credentials`; may be left out.'),
  client_id: credentialText('Identifier of the client application.'),
  client_secret: credentialText('Secret of the client application.'),
  scope: credentialText(
    'Wanted scopes, separated by spaces; all of the application when left out.',
  ),
});
export type TokenRequest = Static<typeof TokenRequest>;

/** There is no body at all when a client proves itself by a Basic header and sends nothing else. */
export const TokenForm = Type.Unsafe<TokenRequest | null>({
  ...TokenRequest,
  type: ['object', 'null'],
});

export const TokenResponse = closed({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  scope: Type.String(),
});

export const TokenError = closed({
  error: Type.String(),
  error_description: opt(Type.String()),
});

/* ---- tracking --------------------------------------------------------------------------------- */

export const CUSTOMS_INDICATORS = [
  'Unknown',
  'Import',
  'Export',
  'Transit',
  'Transhipment',
  'DomesticIn',
  'DomesticOut',
  'DomesticTranshipment',
] as const;
export type CustomsIndicator = (typeof CUSTOMS_INDICATORS)[number];

export const TrackingSinglePost = closed(
  {
    spi: nullableText({ minLength: 13, maxLength: 13, description: 'Handling unit SPI.' }),
    reference: Type.String({
      minLength: 11,
      maxLength: 11,
      description: 'Reference of a handling unit',
    }),
    way: opt(oneOf(CUSTOMS_INDICATORS, { description: 'Customs indicators' })),
    place: nullableText({ maxLength: 20, description: 'Event location.' }),
    agentCode: nullableText({ maxLength: 64, description: 'Agent code.' }),
    // The published pattern is not repeated here: as printed it takes exponential time.
    url: Type.String({
      minLength: 1,
      description:
        "Webhook URL endpoint to receive tracking events' notifications. Everything usable that " +
        "SOGET's pattern takes is taken, and also ports, query strings, upper case and " +
        'percent-encoding; at most 2,048 characters. Without a scheme it is https.',
    }),
    externalReference: nullableText({
      maxLength: 50,
      description:
        'External reference to facilitate the identification and processing of webhook ' +
        'notifications.',
    }),
  },
  {
    description: 'Tracking model for POST method',
    examples: [
      {
        spi: 'CNI0000000001',
        reference: 'CGMU0000001',
        way: 'Import',
        place: 'MTDF',
        agentCode: 'CCGM',
        url: 'https://my-webhook-endpoints.com',
        externalReference: 'EXT-REF-001',
      },
    ],
  },
);
export type TrackingSinglePost = Static<typeof TrackingSinglePost>;

/** Beside the published body: the query is ours. */
export const TrackingQuery = Type.Object({
  since: opt(
    Type.String({
      maxLength: 40,
      description:
        'RFC 3339 with an offset (ours). Events recorded from then on are pushed too, in the order ' +
        'of their recording and before new ones; at most 100,000. Of a tracking that is there ' +
        'already it changes nothing.',
      examples: ['2026-11-20T14:00:00+01:00'],
    }),
  ),
});
export type TrackingQuery = Static<typeof TrackingQuery>;

export const TrackingId = Type.String({ examples: ['TRK0000000001'] });

const HttpBusinessSubError = closed({
  section: nullableText({ description: 'Error object.' }),
  field: nullableText({ description: 'Error attribute.' }),
  rejectedValue: nullableText({ description: 'The value that was refused.' }),
  message: nullableText({ description: 'Error message.' }),
});
export type HttpBusinessSubError = Static<typeof HttpBusinessSubError>;

const businessError = {
  status: nullableText({ description: 'Error status.', examples: ['BadRequest'] }),
  timestamp: opt(dateTime({ description: 'Error timestamp.' })),
  code: nullableText({ description: 'Error code.' }),
  message: nullableText({ description: 'Error message.' }),
};

export const TrackingError = closed({
  ...businessError,
  subErrors: opt(nullable(Type.Array(HttpBusinessSubError))),
});
export type TrackingError = Static<typeof TrackingError>;

export const TracingError = closed(businessError);
export type TracingError = Static<typeof TracingError>;
