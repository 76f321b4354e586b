/**
 * The guard decides where Portolan may send requests: public addresses, and what the operator
 * allows (docs/adr/0004-callback-addresses.md). It speaks twice: about a URL when it is
 * registered, and about the real address when a connection is opened.
 */
import type { buildConnector } from 'undici';
import { type AllowList, allowListOf } from './allow-list.ts';
import {
  type ConnectorOptions,
  createConnector,
  type Resolver,
  resolveBySystem,
} from './connector.ts';
import { checkUrl, type UrlCheck } from './url.ts';

export { type AllowList, parseAllowList } from './allow-list.ts';
export type { ConnectorOptions, Resolver } from './connector.ts';
export { ConnectFailure, type ConnectStage } from './errors.ts';
export type { UrlCheck, UrlRefusalCode } from './url.ts';

export type Guard = {
  /** What can be said without DNS. Messages may be shown to whoever registers the URL. */
  checkUrl(url: string): UrlCheck;
  /** Opens connections, as undici's pools and ours want it. Fails with a `ConnectFailure`. */
  connector(options?: ConnectorOptions): buildConnector.connector;
};

/**
 * `allow`: what `parseAllowList` gave, or entries already split; a wrong entry throws and is named.
 * `resolver`: the system's by default.
 */
export function createGuard(deps: {
  allow: AllowList | readonly string[];
  resolver?: Resolver;
}): Guard {
  const allow = 'names' in deps.allow ? deps.allow : allowListOf(deps.allow);
  const resolver = deps.resolver ?? resolveBySystem;
  return {
    checkUrl: (url) => checkUrl(url, allow),
    connector: (options = {}) => createConnector({ allow, resolver }, options),
  };
}
