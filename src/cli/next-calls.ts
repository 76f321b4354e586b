/**
 * What to try next, as lines to copy into a shell. What was made comes as `export` lines, and the
 * calls read it from there, so that no call has to be edited. Whatever a call is about is booked
 * by a line before it, so that none of them is answered 404.
 */

/** One shell word, whatever the text holds. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function exportLines(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `export ${name}=${quoted(value)}`);
}

const UNIT = 'CSQU3054383';
const PARCEL = '370724760010119754';

const TOKEN_FROM_JSON = `sed -E 's/.*"(access_token|token)" *: *"([^"]+)".*/\\2/'`;
const JSON_TYPE = "-H 'Content-Type: application/json'";
const API_KEY = '-H "Ocp-Apim-Subscription-Key: $PORTOLAN_API_KEY"';

/** `proof` stands between double quotes: a variable, or a command that prints the key. */
function bearer(proof = '$PORTOLAN_TOKEN'): string {
  return `-H "Authorization: Bearer ${proof}"`;
}

export function tokenByClient(): string[] {
  return [
    '# a token, good for an hour:',
    'export PORTOLAN_TOKEN=$(curl -sS "$PORTOLAN_URL/oauth2/token" \\',
    '  -d grant_type=client_credentials \\',
    '  -d client_id="$PORTOLAN_CLIENT_ID" -d client_secret="$PORTOLAN_CLIENT_SECRET" \\',
    `  | ${TOKEN_FROM_JSON})`,
  ];
}

/** A password that was typed unseen is not shown: whoever copies the lines puts it in. */
export function tokenByLogin(username: string, password: string | undefined): string[] {
  const body = quoted(JSON.stringify({ username, password: password ?? 'PASSWORD' }));
  return [
    `# a token, good for 30 minutes${password === undefined ? '; put the password in' : ''}:`,
    'export PORTOLAN_LOGIN=$(curl -sS "$PORTOLAN_URL/ws/json/auth/v-2/login" \\',
    `  ${JSON_TYPE} -d ${body} \\`,
    `  | ${TOKEN_FROM_JSON})`,
  ];
}

export interface Owner {
  /** Id of the organization. */
  readonly organization: string;
  /** The admin key as a shell says it between double quotes. */
  readonly adminKey: string;
}

/** By the token, or by the operator where the token may not book. */
function booking(unit: object, owner?: Owner): string[] {
  const body = owner === undefined ? unit : { ...unit, organization: owner.organization };
  return [
    '# book a handling unit:',
    `curl -sS -X PUT "$PORTOLAN_URL/hub/v1/handling-units" ${bearer(owner?.adminKey)} \\`,
    `  ${JSON_TYPE} \\`,
    `  -d ${quoted(JSON.stringify(body))}`,
  ];
}

const CONTAINER = { reference: UNIT, freightFamily: 'Container' };

const REGISTERING = [
  '# register an event of it:',
  `curl -sS "$PORTOLAN_URL/hub/v1/events" ${bearer()} \\`,
  `  ${JSON_TYPE} \\`,
  `  -d '{"unit":{"reference":"${UNIT}"},"type":"gated-out","occurredAt":"2026-11-20T14:00:00Z"}'`,
];
const READING = [
  '# its events:',
  `curl -sS "$PORTOLAN_URL/hub/v1/events?unit=${UNIT}" ${bearer()}`,
];
const SUBSCRIPTIONS = [
  '# subscriptions:',
  `curl -sS "$PORTOLAN_URL/hub/v1/subscriptions" ${bearer()}`,
];
const TRACING = [
  '# trace it:',
  `curl -sS "$PORTOLAN_URL/api-tracing-code/v1/handling-units?reference=${UNIT}" \\`,
  `  ${bearer()} ${API_KEY}`,
];
const TRACKING = [
  '# be told of it at an address of yours:',
  `curl -sS "$PORTOLAN_URL/api-tracking-code/v1/track-handling-unit" ${bearer()} \\`,
  `  ${API_KEY} ${JSON_TYPE} \\`,
  `  -d '{"reference":"${UNIT}","url":"https://hooks.example.com/tracking"}'`,
];

/** First calls with a token of these scopes, in an order in which each of them has an answer. */
export function callsByScopes(scopes: readonly string[], owner: Owner): string[] {
  const has = (...names: string[]) => names.some((name) => scopes.includes(name));
  const isAboutUnit = has('hub.units.write', 'hub.events.write', 'soget.tracing', 'soget.tracking');
  const key = [
    '# an API key, which some calls ask for too:',
    `eval "$(npx portolan api-key create --organization ${quoted(owner.organization)} \\`,
    '  --name first --export)"',
  ];
  return blocks([
    ...(has('soget.tracing', 'soget.tracking') ? [key] : []),
    ...(isAboutUnit ? [booking(CONTAINER, has('hub.units.write') ? undefined : owner)] : []),
    ...(has('hub.events.write') ? [REGISTERING] : []),
    ...(has('hub.read') ? [READING] : []),
    ...(has('hub.subscriptions') ? [SUBSCRIPTIONS] : []),
    ...(has('soget.tracing') ? [TRACING] : []),
    ...(has('soget.tracking') ? [TRACKING] : []),
  ]);
}

/** The terminal asks for the key alone, SOGET for a token as well. */
export function callsByKey(owner: Owner): string[] {
  return blocks([
    [
      '# terminal, with the key alone:',
      'curl -sS "$PORTOLAN_URL/event-subscriptions" -H "X-API-KEY: $PORTOLAN_API_KEY"',
    ],
    [
      '# SOGET, with a token too:',
      `eval "$(npx portolan application create --organization ${quoted(owner.organization)} \\`,
      '  --name tracing --scopes soget.tracing --export)"',
    ],
    booking(CONTAINER, owner),
    TRACING,
  ]);
}

/** What a user may do, once logged in; the parcel is booked by the operator. */
export function callsByLogin(owner: Owner): string[] {
  return blocks([
    booking({ reference: PARCEL, freightFamily: 'Parcel' }, owner),
    [
      '# register an event of it:',
      `curl -sS "$PORTOLAN_URL/ws/json/parcel/tracking/v-2/register" ${bearer('$PORTOLAN_LOGIN')} \\`,
      `  ${JSON_TYPE} \\`,
      `  -d '{"trackingReference":"${PARCEL}","eventTime":"2026-11-20T14:00:00+01:00","eventType":"013"}'`,
    ],
    [
      '# its log:',
      `curl -sS "$PORTOLAN_URL/ws/json/parcel/tracking/v-2/fetch/${PARCEL}/EN/false" \\`,
      `  ${bearer('$PORTOLAN_LOGIN')}`,
    ],
  ]);
}

export function organizationsCall(adminKey: string): string[] {
  return [
    '# the organizations, over HTTP:',
    `curl -sS "$PORTOLAN_URL/hub/v1/organizations" ${bearer(adminKey)}`,
  ];
}

/** Parts with an empty line between them. */
export function blocks(parts: readonly (readonly string[])[]): string[] {
  return parts.flatMap((part, at) => (at === 0 ? part : ['', ...part]));
}
