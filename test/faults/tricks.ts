/** Receivers as bad as they come. Each push is mistreated once at most, so that all arrive soon. */
import type { Chance } from '../support/chance.ts';
import { answerThenClose } from '../support/receiver.ts';
import type { Behave } from './stand.ts';

const hugeBody = Buffer.alloc(1_000_000, 'x');

/** Takes the push or not; either way the hub hears of no success. */
const takeOrNot = (chance: Chance, take: (isUnheard: boolean) => boolean): void => {
  if (chance.between(0, 1) === 0) take(true);
};

export const tricks = {
  hang:
    (chance: Chance): Behave =>
    (_request, _response, take) =>
      takeOrNot(chance, take),
  reset:
    (chance: Chance): Behave =>
    (_request, response, take) => {
      takeOrNot(chance, take);
      response.socket?.resetAndDestroy();
    },
  huge: (): Behave => (_request, response, take) => {
    response.writeHead(take() ? 200 : 400).end(hugeBody);
  },
  close: (): Behave => (request, response, take) => {
    if (take()) answerThenClose(request, response);
    else response.writeHead(400).end();
  },
  busy:
    (chance: Chance): Behave =>
    (_request, response) => {
      const status = chance.oneOf([429, 503]);
      response.writeHead(status, { 'retry-after': String(chance.between(1, 2)) }).end();
    },
} as const;

export type Trick = keyof typeof tricks;

/** One push in `oneIn` meets one of these; the others are answered as they should be. */
export function behaveBadly(
  chance: Chance,
  { among, oneIn }: { readonly among: readonly [Trick, ...Trick[]]; readonly oneIn: number },
): Behave {
  const met = new Set<string>();
  return (request, response, take) => {
    const key = `${request.path} ${request.headers['webhook-id']}`;
    const isFirst = !met.has(key);
    met.add(key);
    if (isFirst && chance.between(1, oneIn) === 1) {
      tricks[chance.oneOf(among)](chance)(request, response, take);
    } else {
      response.writeHead(take() ? 204 : 400).end();
    }
  };
}
