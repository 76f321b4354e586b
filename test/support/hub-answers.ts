/** What the hub's own API answers: problems, pages, deliveries; and what it pushes. */
import { expect } from 'vitest';
import { type Answer, type Api, bodyOf, type Client, type Page } from './client.ts';

/** A problem of RFC 9457 with our code; `errors` only where fields are named. */
export const problem = (status: number, code: string, paths?: readonly string[]) => ({
  type: 'about:blank',
  title: expect.any(String),
  status,
  detail: expect.any(String),
  instance: expect.stringMatching(/^\/hub\/v1\//),
  code,
  requestId: expect.any(String),
  ...(paths && { errors: paths.map((path) => ({ path, message: expect.any(String) })) }),
});

export function expectProblem(answer: Answer<unknown>, expected: ReturnType<typeof problem>): void {
  expect(answer.body).toEqual(expected);
  expect(answer.status).toBe(expected.status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
}

/** Every item of a list, page by page. */
export async function allPages<Item>(api: Api, path: string, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  const glue = path.includes('?') ? '&' : '?';
  for (let cursor = ''; ; ) {
    const page = bodyOf(await api.get<Page<Item>>(`${path}${glue}limit=${limit}${cursor}`));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    expect(page.items).toHaveLength(limit);
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** A push of the hub's own dialect. */
export interface Push {
  readonly sequence: number;
  readonly event: { readonly id: string; readonly type: string; readonly message?: string };
  readonly unit: { readonly id: string; readonly reference: string; readonly spi: string | null };
}

export interface Delivery {
  readonly id: string;
  readonly subscription: string;
  readonly sequence: number;
  readonly event: string;
  readonly unit: string;
  readonly state: string;
  readonly attemptCount: number;
  readonly attempts: readonly Record<string, unknown>[];
}

/** Asks until the delivery is what the test waits for: the outcome is stored after the push. */
export async function deliveryOnce(
  member: Client,
  id: string | undefined,
  expected: Partial<Delivery>,
): Promise<Delivery> {
  const get = async () => bodyOf(await member.api.get<Delivery>(`/deliveries/${id}`));
  await expect.poll(get, { timeout: 20_000 }).toMatchObject(expected);
  return get();
}

export const listDeliveries = async (member: Client, query: string) =>
  bodyOf(await member.api.get<Page<Delivery>>(`/deliveries?${query}`)).items;
