/**
 * What can be said about a callback URL without asking DNS: at registration, and again before
 * each request. The connector has the last word, because only it knows the real address.
 */
import { type Address, isPublicUnicast, parseAddress } from './address.ts';
import { type AllowList, allowsAddress, allowsName, canonicalName } from './allow-list.ts';
import { isBlockedPort } from './ports.ts';

export type UrlRefusalCode =
  | 'not-a-url'
  | 'too-long'
  | 'scheme'
  | 'credentials'
  | 'port'
  | 'host'
  | 'address';

export type UrlCheck =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly code: UrlRefusalCode; readonly message: string };

const URL_CHARS_MAX = 2048;

/**
 * Names that never belong to a public server: RFC 6761 and RFC 6762 special names, `.internal`
 * (reserved by ICANN in 2024, and where clouds serve metadata) and RFC 8375 home networks.
 */
const PRIVATE_SUFFIXES = ['localhost', 'local', 'internal', 'localdomain', 'home.arpa'];
const PRIVATE_NAMES: ReadonlySet<string> = new Set([
  'ip6-localhost',
  'ip6-loopback',
  'metadata',
  'instance-data',
]);

const MESSAGES: Record<UrlRefusalCode, string> = {
  'not-a-url': 'the callback URL is not an absolute http or https URL',
  'too-long': `the callback URL is longer than ${URL_CHARS_MAX} characters`,
  scheme: 'the callback URL must start with http:// or https://',
  credentials: 'the callback URL must not hold a user name or a password',
  port: 'the port of the callback URL belongs to another protocol',
  host: 'the host of the callback URL is not a public host name',
  address: 'the address of the callback URL is not public',
};

/** A fragment is dropped, not refused: it is never sent, so it cannot change where a push goes. */
export function checkUrl(text: string, allow: AllowList): UrlCheck {
  if (text.length > URL_CHARS_MAX) return refuse('too-long');
  // The URL parser removes tabs and line feeds, trims blanks and reads `\` as `/`. Other
  // programs that see the same text may not, so none of these is taken.
  if (/[\p{Cc}\s\\]/u.test(text)) return refuse('not-a-url');
  if (!URL.canParse(text)) return refuse('not-a-url');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('scheme');
  if (!/^https?:\/\/[^/]/i.test(text)) return refuse('not-a-url');
  if (url.username !== '' || url.password !== '') return refuse('credentials');
  if (isBlockedPort(url.port)) return refuse('port');
  const code = checkHost(url.hostname, allow);
  if (code !== undefined) return refuse(code);
  url.hash = '';
  return { ok: true, url };
}

/**
 * `hostname` as a URL object gives it. The WHATWG parser has already turned every spelling of an
 * IPv4 address (decimal, hexadecimal, octal, shortened, full-width) into four decimal parts.
 */
export function checkHost(hostname: string, allow: AllowList): UrlRefusalCode | undefined {
  const address = parseAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
  if (address !== undefined) return mayCall(address, allow) ? undefined : 'address';
  const name = canonicalName(hostname);
  if (name === '' || name.startsWith('.') || name.includes('..')) return 'host';
  if (allowsName(allow, name)) return undefined;
  if (isUnder(name, 'localhost') && allowsLoopback(allow)) return undefined;
  const isPrivate =
    PRIVATE_NAMES.has(name) || PRIVATE_SUFFIXES.some((suffix) => isUnder(name, suffix));
  return isPrivate ? 'host' : undefined;
}

/** The rule for one address, wherever it came from. */
export function mayCall(address: Address, allow: AllowList): boolean {
  return isPublicUnicast(address) || allowsAddress(allow, address);
}

function isUnder(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}

/** Who allows loopback means `localhost` too; the connector still vets what it resolves to. */
function allowsLoopback(allow: AllowList): boolean {
  return ['127.0.0.1', '::1'].some((text) => {
    const address = parseAddress(text);
    return address !== undefined && allowsAddress(allow, address);
  });
}

function refuse(code: UrlRefusalCode): UrlCheck {
  return { ok: false, code, message: MESSAGES[code] };
}
