/**
 * Opens connections for undici, but only to vetted addresses. The whole connector is wrapped
 * because undici's `lookup` hook is never called for IP literals. The host is resolved here, once;
 * every address must pass; and the socket is opened to one of those very addresses, so a second
 * answer from DNS (rebinding) has nobody to be given to. TLS still verifies the original name.
 */
import { lookup } from 'node:dns/promises';
import { buildConnector } from 'undici';
import { parseAddress } from './address.ts';
import { type AllowList, allowsName } from './allow-list.ts';
import { addressRefused, ConnectFailure, codeOf, connectFailed, resolveFailed } from './errors.ts';
import { mayCall } from './url.ts';

/** Every address of a host name, in the order to try them. */
export type Resolver = (host: string) => Promise<readonly string[]>;

export type ConnectorOptions = {
  /** Limit of the name's resolution, and again of each connection. Default 5 000. */
  readonly connectTimeoutMs?: number;
  /** Certificate authorities to trust instead of the built-in ones, PEM. */
  readonly ca?: string;
};

/** All addresses are vetted, but only the first few are tried. */
const ADDRESSES_TRIED_MAX = 4;
const CONNECT_TIMEOUT_MS = 5_000;

export const resolveBySystem: Resolver = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map((each) => each.address);
};

export function createConnector(
  deps: { allow: AllowList; resolver: Resolver },
  options: ConnectorOptions,
): buildConnector.connector {
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const ca = options.ca === undefined ? {} : { ca: options.ca };
  const open = {
    last: buildConnector({ timeout: timeoutMs, ...ca }),
    // One that swallows what is sent to it must not take the time of the others.
    earlier: buildConnector({ timeout: timeoutMs / 2, ...ca }),
  };
  const resolve = shareLookups(deps.resolver, timeoutMs);

  return (request, callback) => {
    vet(request.hostname, { allow: deps.allow, resolve }).then(
      (addresses) => openInTurn({ open, request, addresses, timeoutMs }, callback),
      (error: unknown) => callback(toFailure(error), null),
    );
  };
}

/** The addresses that may be connected to; throws `ConnectFailure` when even one may not. */
async function vet(
  host: string,
  deps: { allow: AllowList; resolve: Resolver },
): Promise<readonly string[]> {
  const literal = parseAddress(host);
  const addresses = literal === undefined ? await deps.resolve(host) : [host];
  if (allowsName(deps.allow, host)) return addresses;
  for (const text of addresses) {
    const address = parseAddress(text);
    if (address === undefined || !mayCall(address, deps.allow)) {
      throw addressRefused(`${host} leads to ${addresses.join(', ')}; refused for ${text}`);
    }
  }
  return addresses;
}

type Opening = {
  readonly open: Readonly<Record<'last' | 'earlier', buildConnector.connector>>;
  readonly request: buildConnector.Options;
  readonly addresses: readonly string[];
  readonly timeoutMs: number;
};

/**
 * Tries the addresses one after the other; no new try begins once `timeoutMs` has passed. All but the
 * last have half of that each: where IPv6 leads nowhere, or one of two machines is switched off, the
 * other is reached although the system's resolver always names it second.
 */
function openInTurn(opening: Opening, callback: buildConnector.Callback): void {
  const { open, request, addresses, timeoutMs } = opening;
  const startedMs = performance.now();
  const attempt = (index: number): void => {
    const isLast = index + 1 >= Math.min(addresses.length, ADDRESSES_TRIED_MAX);
    const hostname = addresses[index] ?? '';
    const openThis = isLast ? open.last : open.earlier;
    openThis({ ...request, ...serverName(request), hostname }, (...args) => {
      const [error, socket] = args;
      if (error === null) return callback(null, socket);
      if (isLast || performance.now() - startedMs >= timeoutMs) {
        return callback(connectFailed(error, request.protocol), null);
      }
      attempt(index + 1);
    });
  };
  attempt(0);
}

/** TLS names carry no trailing dot (RFC 6066, section 3); everything else keeps the host as is. */
function serverName(request: buildConnector.Options): { servername: string } | undefined {
  if (request.servername) return undefined;
  return request.hostname.endsWith('.') ? { servername: request.hostname.slice(0, -1) } : undefined;
}

/**
 * One running lookup per host name, with a time limit. The system's resolver has a handful of
 * threads for the whole process; a name that hangs may hold one of them, not all. Answers are
 * not kept: each new connection asks again.
 */
function shareLookups(resolver: Resolver, timeoutMs: number): Resolver {
  const running = new Map<string, Promise<readonly string[]>>();
  return (host) => {
    const known = running.get(host);
    const lookup = known ?? resolver(host).finally(() => running.delete(host));
    if (known === undefined) running.set(host, lookup);
    return withTimeout(lookup, { host, timeoutMs });
  };
}

async function withTimeout(
  lookup: Promise<readonly string[]>,
  limit: { host: string; timeoutMs: number },
): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = resolveFailed('dns-timeout', `${limit.host}: ${limit.timeoutMs} ms`);
    timer = setTimeout(() => reject(error), limit.timeoutMs);
  });
  try {
    const addresses = await Promise.race([lookup, late]);
    if (addresses.length === 0) throw resolveFailed('ENODATA', `${limit.host} has no address`);
    return addresses;
  } finally {
    clearTimeout(timer);
  }
}

function toFailure(error: unknown): ConnectFailure {
  if (error instanceof ConnectFailure) return error;
  return resolveFailed(codeOf(error), error instanceof Error ? error.message : String(error));
}
