/** What the hub has stored, as its operator sees it: every id in the lists of the hub's own API. */
import { adminKey, request } from '../support/client.ts';

interface Item {
  readonly id: string;
  readonly externalId?: string;
  /** Of a subscription. */
  readonly dialect?: string;
  /** Of an event. */
  readonly source?: { readonly dialect: string };
}

export type Census = Readonly<Record<string, readonly Item[]>>;

const lists = [
  'organizations',
  'handling-units',
  'events',
  'subscriptions',
  'deliveries',
  'offers',
];

export async function takeCensus(hub: string): Promise<Census> {
  const counted: Record<string, readonly Item[]> = {};
  for (const list of lists) counted[list] = await readAll(`${hub}/hub/v1/${list}`);
  return counted;
}

export function countsOf(census: Census): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(census).map(([list, items]) => [list, items.length]));
}

async function readAll(url: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?limit=200&cursor=${encodeURIComponent(cursor)}`;
    const answer = await request<{ items: Item[]; nextCursor: string | null }>(`${url}${query}`, {
      token: adminKey,
    });
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${answer.text}`);
    items.push(...answer.body.items);
    cursor = answer.body.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Dialects whose answers name all that they store. */
const naming = new Set(['hub', 'parcels', 'soget', 'terminal']);

/**
 * What is stored now, was not before, and that no accepted request was told of: `told` holds every
 * id in an answer below 400.
 */
export function untold(before: Census, after: Census, told: ReadonlySet<string>): string[] {
  return ['organizations', 'handling-units', 'events', 'subscriptions', 'offers'].flatMap(
    (list) => {
      const known = new Set(before[list]?.map((item) => item.id));
      return (after[list] ?? [])
        .filter(
          ({ id, externalId = id }) => !known.has(id) && !told.has(id) && !told.has(externalId),
        )
        .filter(({ dialect, source }) => naming.has(dialect ?? source?.dialect ?? 'hub'))
        .map((item) => `${list} ${JSON.stringify(item).slice(0, 150)}`);
    },
  );
}

/** Ids in an answer: UUIDs, and those that a partner's dialect makes. */
export function idsIn(text: string): readonly string[] {
  return text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[A-Z]{3}\d{10}\b/g) ?? [];
}
