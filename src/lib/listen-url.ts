/** Where a server that listens at a host and a port is called. */

/** The address to give to others when none was set: a host that stands for all becomes loopback. */
export function listenUrl(host: string, port: number): string {
  const named = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${named.includes(':') ? `[${named}]` : named}:${port}`;
}
