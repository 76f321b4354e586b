/**
 * What an IP address is: public unicast or not. Built on ipaddr.js's table of the IANA special
 * registries, narrowed where the table answers "unicast" too easily.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Virtual addresses inside public ranges at which a cloud serves its own machines (Azure). */
const CLOUD_INTERNAL: ReadonlySet<string> = new Set(['168.63.129.16']);

/** IANA hands out global unicast from 2000::/3 only; `::127.0.0.1` and the like lie outside. */
const GLOBAL_UNICAST_V6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Reads a plain address (no port, no brackets). Zone ids are dropped. An IPv4-mapped IPv6 address
 * becomes the IPv4 address it stands for. `undefined` when the text is not exactly an address: the
 * check is Node's, because ipaddr.js also reads octal and shortened forms.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIP(text) === 0) return undefined;
  const bare = text.split('%', 1)[0] ?? text;
  return ipaddr.process(bare);
}

/** True for an address anyone on the internet may own: the only kind that is safe to call. */
export function isPublicUnicast(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv4) return !CLOUD_INTERNAL.has(address.toString());
  return address.match(GLOBAL_UNICAST_V6) && !isIsatap(address);
}

/** RFC 5214: `…:0:5efe:a.b.c.d` tunnels to the IPv4 address in its last 32 bits, in any prefix. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const [, , , , fifth = 0, sixth = 0] = address.parts;
  return (fifth & ~0x0200) === 0 && sixth === 0x5efe;
}
