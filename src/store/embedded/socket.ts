// How this process reaches the server: a Unix socket, which is faster than TCP and not on the
// network; TCP on the loopback address only where Node has no Unix sockets (Windows).
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';

/** Part of the socket's file name only: each server has a folder to itself. */
const SOCKET_PORT = 5432;
/** The smallest `sun_path` of the systems we know (macOS: 104), less the closing NUL. */
const SOCKET_PATH_BYTES_MAX = 103;

export interface Endpoint {
  /** Folder of the socket as the client sees it; undefined for TCP. */
  readonly socketDir: string | undefined;
  readonly port: number;
  /** Removes what was made for this process only. */
  dispose(): void;
}

/**
 * The server names its socket folder relative to its own, so only our own path can be too long.
 * Then a link in a private folder of `scratchDir` shortens it.
 */
export async function openEndpoint(runDir: string, scratchDir: string): Promise<Endpoint> {
  if (process.platform === 'win32') {
    return { socketDir: undefined, port: await findFreePort(), dispose() {} };
  }
  if (fits(runDir)) return { socketDir: runDir, port: SOCKET_PORT, dispose() {} };
  for (const parent of [scratchDir, '/tmp']) {
    if (!fits(join(parent, 'portolan-XXXXXX', 'run'))) continue;
    const alias = mkdtempSync(join(parent, 'portolan-'));
    symlinkSync(runDir, join(alias, 'run'));
    return {
      socketDir: join(alias, 'run'),
      port: SOCKET_PORT,
      dispose: () => rmSync(alias, { recursive: true, force: true }),
    };
  }
  const message = `The path ${runDir} is too long for a socket, and ${scratchDir} is, too.`;
  throw new EmbeddedPostgresError('data-folder-unusable', message);
}

/**
 * `postgres://portolan:…@localhost:5432/portolan?host=…`: a URL that `new URL` can read, so that
 * callers can put in another database name. Port and sslmode are said because pg would otherwise
 * take them from PGPORT and PGSSLMODE.
 */
export function urlOf(endpoint: Endpoint, password: string): string {
  const host = endpoint.socketDir === undefined ? '127.0.0.1' : 'localhost';
  const base = `postgres://portolan:${password}@${host}:${endpoint.port}/portolan?sslmode=disable`;
  if (endpoint.socketDir === undefined) return base;
  return `${base}&host=${encodeURIComponent(endpoint.socketDir)}`;
}

/** Where the server listens, as settings; the socket folder is seen from its data folder. */
export function listenSettings(endpoint: Endpoint): Record<string, string> {
  const port = String(endpoint.port);
  if (endpoint.socketDir === undefined) return { listen_addresses: '127.0.0.1', port };
  return {
    listen_addresses: '',
    port,
    unix_socket_directories: '../../run',
    unix_socket_permissions: '0700',
  };
}

/** True when some process accepts connections there. */
export function answers(endpoint: Endpoint): Promise<boolean> {
  if (endpoint.socketDir === undefined) return Promise.resolve(false);
  const path = join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`);
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    connection.once('connect', () => resolve(true));
    connection.once('error', () => resolve(false));
    connection.once('close', () => connection.destroy());
    connection.once('connect', () => connection.destroy());
  });
}

function fits(socketDir: string): boolean {
  return Buffer.byteLength(join(socketDir, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_BYTES_MAX;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
