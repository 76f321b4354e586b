/**
 * The operator's list of places that callbacks may reach although they are not public:
 * addresses, CIDR ranges and exact host names (setting PORTOLAN_WEBHOOK_ALLOW).
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { type Address, parseAddress } from './address.ts';

export type AllowList = {
  /** Canonical host names: lower case, ASCII, no trailing dot. */
  readonly names: ReadonlySet<string>;
  readonly ranges: readonly (readonly [Address, number])[];
};

type Entry = { name: string } | { range: [Address, number] };

const NAME = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const ENDS_IN_NUMBER = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/**
 * Reads the comma-separated setting. Blank text and blank entries mean nothing.
 * Throws an `Error` whose message names the first wrong entry.
 */
export function parseAllowList(text: string): AllowList {
  return allowListOf(text.split(','));
}

/** As `parseAllowList`, for entries that are already split. */
export function allowListOf(entries: readonly string[]): AllowList {
  const names = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const raw of entries) {
    const text = raw.trim();
    if (text === '') continue;
    const entry = parseEntry(text);
    if ('name' in entry) names.add(entry.name);
    else ranges.push(entry.range);
  }
  return { names, ranges };
}

/** Host names compare without case and without a trailing dot. */
export function canonicalName(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '');
}

export function allowsName(list: AllowList, host: string): boolean {
  return list.names.size > 0 && list.names.has(canonicalName(host));
}

export function allowsAddress(list: AllowList, address: Address): boolean {
  return list.ranges.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

function parseEntry(text: string): Entry {
  const [host = '', bits, ...rest] = text.replace(/^\[(.*)\]$/, '$1').split('/');
  if (isIP(host) !== 0 && !host.includes('%') && rest.length === 0) {
    return { range: parseRange({ text, host, bits }) };
  }
  if (bits !== undefined) throw wrong(text, 'it is not a CIDR range');
  const name = canonicalName(domainToASCII(text));
  if (name.length > 253 || !NAME.test(name)) {
    throw wrong(text, 'it is neither an address, a CIDR range nor an exact host name');
  }
  if (ENDS_IN_NUMBER.test(name)) throw wrong(text, 'write an address out in full');
  return { name };
}

function parseRange(entry: {
  text: string;
  host: string;
  bits: string | undefined;
}): [Address, number] {
  const widest = isIP(entry.host) === 4 ? 32 : 128;
  const bits = entry.bits === undefined ? widest : Number(entry.bits);
  if ((entry.bits !== undefined && !/^\d{1,3}$/.test(entry.bits)) || bits > widest) {
    throw wrong(entry.text, `the prefix length must be 0 to ${widest}`);
  }
  const network = parseAddress(entry.host);
  if (network === undefined) throw wrong(entry.text, 'it is not an address');
  if (widest === 32 || network instanceof ipaddr.IPv6) return [network, bits];
  // An IPv4-mapped range: addresses are compared as IPv4, so the range must be too.
  if (bits < 96) throw wrong(entry.text, 'an IPv4-mapped range must be /96 or narrower');
  return [network, bits - 96];
}

function wrong(entry: string, why: string): Error {
  return new Error(`wrong entry "${entry}" in the list of allowed callback addresses: ${why}`);
}
