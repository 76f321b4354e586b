// Portolan's private PostgreSQL: started from npm-shipped binaries when no DATABASE_URL is set.
//
// The steps, each in its own file: where the data lives (home) → one owner (lock) → usable
// programs (binaries) → a database folder (cluster) → no earlier server (leftover, orphans) → a
// server that is ready (server) → another one whenever it dies (supervise). docs/adr/0003-embedded-postgresql.md says why.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareBinaries } from './binaries.ts';
import { prepareCluster } from './cluster.ts';
import { codeOf, EmbeddedPostgresError, lineOf } from './errors.ts';
import { atExit } from './exit.ts';
import { enterSystemDir, type Home, settleHome } from './home.ts';
import { type FolderLock, takeLock } from './lock.ts';
import { findPackageDir, packageNameFor } from './package.ts';
import { startServer } from './server.ts';
import { isDurable } from './settings.ts';
import { openEndpoint, urlOf } from './socket.ts';
import { type Supervisor, supervise } from './supervise.ts';
import type { EmbeddedLogger, Places } from './types.ts';

export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors.ts';
export type { EmbeddedLogger, Places } from './types.ts';

export interface EmbeddedPostgresOptions {
  /** Absolute or relative; made when missing. */
  readonly dataDir: string;
  readonly logger?: EmbeddedLogger;
  /** PostgreSQL settings over ours, e.g. `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For packagers and tests: other places than the usual ones. */
  readonly places?: Partial<Places>;
  /** Called each time a server that died by itself has been replaced and takes connections. */
  readonly onRestart?: () => void;
}

export interface EmbeddedPostgres {
  /**
   * For the superuser `portolan` and the database `portolan`; holds the password. It stays valid
   * when the server dies: another one is started at once, and pools connect again.
   */
  readonly url: string;
  /** The data folder: absolute, links resolved. */
  readonly dataDir: string;
  /** Where the database truly lives, mostly `<dataDir>/postgres`; `postgres.log` is there. */
  readonly homeDir: string;
  /** Process id of the current server. */
  readonly pid: number;
  /** Ends the server, waits for it, frees the data folder. Later calls give the same promise. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data folder and resolves when it takes connections: about 0.7 s the
 * first time, 0.1 s later. Fails with an EmbeddedPostgresError, and then leaves nothing running.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const places = placesOf(options.places);
  const home = await settleHome({ dataDir: options.dataDir, places, logger: options.logger });
  const undo: (() => void)[] = [];
  const letGo = () => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    const lock = takeLock(join(home.dir, 'lock'), home.dataDir);
    undo.push(lock.release);
    const endpoint = await openEndpoint(join(home.dir, 'run'), places.scratchDir);
    undo.push(atExit(endpoint.dispose), endpoint.dispose);
    const { url, supervisor } = await startIn(home, { ...options, places, endpoint, lock });
    return running({ home, url, supervisor, letGo });
  } catch (error) {
    letGo();
    throw asLauncherError(error, home);
  }
}

type StartOptions = EmbeddedPostgresOptions & {
  readonly places: Places;
  readonly endpoint: Awaited<ReturnType<typeof openEndpoint>>;
  readonly lock: FolderLock;
};

async function startIn(home: Home, options: StartOptions) {
  const { places, endpoint, logger, settings = {} } = options;
  const binaries = await prepareBinaries({
    packageDir: places.packageDir,
    user: home.user,
    // One copy serves all data folders of the machine, where there is a safe place for it.
    copyDirs: async () => {
      const systemDir = await enterSystemDir(places.systemDir, home.user);
      const parents = systemDir === undefined ? [home.dir] : [systemDir, home.dir];
      return parents.map((dir) => join(dir, 'programs'));
    },
    logger,
  });
  const cluster = await prepareCluster({ home, binaries, isDurable: isDurable(settings), logger });
  const { pgData, password } = cluster;
  const url = urlOf(endpoint, password);
  const logPath = join(home.dir, 'postgres.log');
  const server = { home, pgData, binaries, endpoint, url, settings, logPath, logger };
  const supervisor = supervise({
    first: await startServer(server),
    async start(signal) {
      if (!options.lock.isHeld()) throw lockLost(home);
      return startServer({ ...server, signal });
    },
    logger,
    onRestart: options.onRestart,
  });
  return { url, supervisor };
}

function running(options: {
  home: Home;
  url: string;
  supervisor: Supervisor;
  letGo: () => void;
}): EmbeddedPostgres {
  const { home, url, supervisor, letGo } = options;
  let stopped: Promise<void> | undefined;
  return {
    url,
    dataDir: home.dataDir,
    homeDir: home.dir,
    get pid() {
      return supervisor.pid;
    },
    stop() {
      stopped ??= supervisor.stop().finally(letGo);
      return stopped;
    },
  };
}

function placesOf(given: Partial<Places> = {}): Places {
  const { platform, arch } = process;
  return {
    packageDir: given.packageDir ?? findPackageDir(packageNameFor(platform, arch)),
    systemDir: given.systemDir ?? '/var/lib/portolan',
    scratchDir: given.scratchDir ?? tmpdir(),
  };
}

/** Whoever made the folder anew owns it; two launchers would end each other's servers for ever. */
function lockLost({ dataDir, dir }: Home): EmbeddedPostgresError {
  const message = `The data folder ${dataDir} is no longer ours: the lock in ${dir} is gone.`;
  return new EmbeddedPostgresError('data-missing', message);
}

/** A file system that says no is about the data folder; the rest is a failed start. */
function asLauncherError(error: unknown, home: Home): EmbeddedPostgresError {
  if (error instanceof EmbeddedPostgresError) return error;
  const isRefusal = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
  return new EmbeddedPostgresError(
    isRefusal ? 'data-folder-unusable' : 'start-failed',
    `The PostgreSQL of ${home.dataDir} cannot be started: ${lineOf(error)}`,
    { cause: error },
  );
}
