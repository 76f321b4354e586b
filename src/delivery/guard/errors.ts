/**
 * How opening a connection fails. `message` may be shown to a subscriber and never holds an
 * address that DNS gave; `detail` is for the operator's log.
 */
export type ConnectStage = 'address' | 'dns' | 'connect' | 'tls' | 'timeout';

export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  readonly stage: ConnectStage;
  /** `address-refused`, `dns-timeout`, `connect-timeout`, or the system's own code. */
  readonly code: string;
  readonly detail: string;

  constructor(failure: { stage: ConnectStage; code: string; message: string; detail: string }) {
    super(failure.message);
    this.stage = failure.stage;
    this.code = failure.code;
    this.detail = failure.detail;
  }
}

export function addressRefused(detail: string): ConnectFailure {
  return new ConnectFailure({
    stage: 'address',
    code: 'address-refused',
    message: 'the host of the callback URL does not lead to a public address',
    detail,
  });
}

export function resolveFailed(code: string, detail: string): ConnectFailure {
  const message =
    code === 'dns-timeout'
      ? 'the host name of the callback URL was not resolved in time'
      : `the host name of the callback URL was not resolved (${code})`;
  return new ConnectFailure({ stage: 'dns', code, message, detail });
}

/** Codes of a failure before TLS begins; any other failure of an https connection is TLS's. */
const TCP_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
]);

/**
 * Wraps what `net` or `tls` said. The wrapping also keeps undici's own codes from reaching undici:
 * it treats UND_ERR_SOCKET as "try again for ever" and miscounts after a wrong certificate name.
 */
export function connectFailed(error: Error, protocol: string): ConnectFailure {
  const code = codeOf(error);
  const detail = error.message;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    const message = 'no connection was made in time';
    return new ConnectFailure({ stage: 'timeout', code: 'connect-timeout', message, detail });
  }
  if (protocol === 'https:' && !TCP_CODES.has(code)) {
    const message = `the TLS handshake failed (${code})`;
    return new ConnectFailure({ stage: 'tls', code, message, detail });
  }
  const message = `no connection could be made (${code})`;
  return new ConnectFailure({ stage: 'connect', code, message, detail });
}

/** The stable code of a system or library error, `unknown` when it has none. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return 'unknown';
}
