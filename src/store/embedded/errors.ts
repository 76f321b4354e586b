// The errors of the embedded PostgreSQL launcher: a closed list of codes, one-line messages.

export type EmbeddedPostgresErrorCode =
  /** Another living process holds this data folder. */
  | 'data-folder-in-use'
  /** The data folder cannot be created, written or owned as PostgreSQL needs it. */
  | 'data-folder-unusable'
  /** The data is no longer where it was: where the data folder's note says, or under our lock. */
  | 'data-missing'
  /** The data is there, but the user that runs PostgreSQL cannot enter a folder above it. */
  | 'data-unreachable'
  /** The data was written by another major version of PostgreSQL. */
  | 'version-mismatch'
  /** The npm package with the binaries is not installed or not whole. */
  | 'binaries-missing'
  /** No binaries exist for this platform, or they cannot run on it. */
  | 'unsupported-platform'
  /** PostgreSQL or initdb ended early, or did not become ready in time. */
  | 'start-failed';

export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The `code` of a Node system error (`EACCES`) or of a PostgreSQL error (`3D000`), if any. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** One line of text for any thrown value. */
export function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
