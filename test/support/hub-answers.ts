/** Checks of what the hub's own API answers: its problems and its pages. */
import { expect } from 'vitest';
import { type Answer, type Api, bodyOf, type Page } from './client.ts';

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
