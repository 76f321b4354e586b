/** Names shared by the global set-up and the tests. */
export const TEMPLATE = 'portolan_template';

/** The same server, another database; works for TCP and for socket URLs. */
export function withDatabaseName(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
