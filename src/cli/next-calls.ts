/**
 * What to try next, as lines to copy into a shell. What was made comes as `export` lines, and the
 * calls read it from there, so that no call has to be edited.
 */

/** One shell word, whatever the text holds. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function exportLines(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `export ${name}=${quoted(value)}`);
}

const TOKEN_FROM_JSON = `sed -E 's/.*"(access_token|token)" *: *"([^"]+)".*/\\2/'`;
const BEARER = '-H "Authorization: Bearer $PORTOLAN_TOKEN"';
const JSON_TYPE = "-H 'Content-Type: application/json'";

export function tokenByClient(): string[] {
  return [
    '# a token, good for an hour:',
    'export PORTOLAN_TOKEN=$(curl -sS "$PORTOLAN_URL/oauth2/token" \\',
    '  -d grant_type=client_credentials \\',
    '  -d client_id="$PORTOLAN_CLIENT_ID" -d client_secret="$PORTOLAN_CLIENT_SECRET" \\',
    `  | ${TOKEN_FROM_JSON})`,
  ];
}

export function tokenByLogin(username: string): string[] {
  const body = quoted(JSON.stringify({ username, password: 'PASSWORD' }));
  return [
    '# a token, good for 30 minutes; put the password in:',
    'export PORTOLAN_TOKEN=$(curl -sS "$PORTOLAN_URL/ws/json/auth/v-2/login" \\',
    `  ${JSON_TYPE} -d ${body} \\`,
    `  | ${TOKEN_FROM_JSON})`,
  ];
}

/** A first call by scope, most telling first; what has no line here needs an API key as well. */
const CALLS_BY_SCOPE: Readonly<Record<string, readonly string[]>> = {
  'hub.events.write': [
    '# register an event:',
    `curl -sS "$PORTOLAN_URL/hub/v1/events" ${BEARER} \\`,
    `  ${JSON_TYPE} \\`,
    `  -d '{"unit":{"reference":"CSQU3054383"},"type":"gated-out","occurredAt":"2026-11-20T14:00:00Z"}'`,
  ],
  'hub.read': [
    '# handling units:',
    `curl -sS "$PORTOLAN_URL/hub/v1/handling-units?limit=5" ${BEARER}`,
  ],
  'hub.units.write': [
    '# book a handling unit:',
    `curl -sS -X PUT "$PORTOLAN_URL/hub/v1/handling-units" ${BEARER} \\`,
    `  ${JSON_TYPE} \\`,
    `  -d '{"reference":"CSQU3054383","freightFamily":"Container"}'`,
  ],
};

export function callsByScopes(scopes: readonly string[]): string[] {
  const [first] = Object.keys(CALLS_BY_SCOPE).filter((scope) => scopes.includes(scope));
  return [...(first === undefined ? [] : (CALLS_BY_SCOPE[first] ?? []))];
}

/** SOGET asks for a token and a key, the terminal for a key alone. */
export function callsByKey(): string[] {
  return [
    '# SOGET tracing, with a token (portolan application create --scopes soget.tracing) and the key:',
    'curl -sS "$PORTOLAN_URL/api-tracing-code/v1/handling-units?reference=CSQU3054383" \\',
    `  ${BEARER} \\`,
    '  -H "Ocp-Apim-Subscription-Key: $PORTOLAN_API_KEY"',
    '',
    '# terminal, with the key alone:',
    'curl -sS "$PORTOLAN_URL/event-subscriptions" -H "X-API-KEY: $PORTOLAN_API_KEY"',
  ];
}
