/** Where the door listens: tried before anything is built, told by its setting when it cannot be. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ConfigError } from './config.ts';
import { codeOf } from './lib/error-code.ts';

interface Where {
  readonly host: string;
  /** 0 stands for any that is free. */
  readonly port: number;
}

/** The setting behind a failed listen, or the error itself. */
function listenFault(error: unknown, { host, port }: Where) {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ConfigError('PORT', `${port} is taken on ${host}`);
    case 'EACCES':
      return new ConfigError('PORT', `${port} needs rights that this user does not have`);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return new ConfigError('HOST', `${host} is no address of this machine`);
    default:
      return error;
  }
}

/** Listens for a moment where the door will. Throws ConfigError for `PORT` or `HOST`. */
export async function checkPort(where: Where): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(where);
    await once(probe, 'listening');
  } catch (error) {
    throw listenFault(error, where);
  }
  probe.close();
  await once(probe, 'close');
}

/** The port. Throws ConfigError for `PORT` or `HOST`. */
export async function listen(door: FastifyInstance, { host, port }: Where): Promise<number> {
  // The framework's own line must not say a second time that it listens.
  const listenTextResolver = (address: string) => `the door is open at ${address}`;
  await door.listen({ host, port, listenTextResolver }).catch((error: unknown) => {
    throw listenFault(error, { host, port });
  });
  return (door.server.address() as AddressInfo).port;
}
