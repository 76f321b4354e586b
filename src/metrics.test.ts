import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('counts each answer once, however many there are between two readings', async () => {
  const metrics = createMetrics({ dialectOf: (route) => route.slice(1) });
  const countsOf = async () => {
    const { text } = await metrics.read();
    const lines = text.matchAll(/^portolan_http_request_seconds_(count|sum)\{([^}]*)\} (.*)$/gm);
    return [...lines].map(([, what, labels, value]) => `${what} ${labels} ${value}`);
  };
  const labels = (status: number) => `dialect="hub",route="/hub",status="${status}"`;

  for (let answer = 0; answer < 1_000; answer += 1) metrics.answered('/hub', 201, 0.5);
  metrics.answered('/hub', 400, 2);
  const first = [
    ...[`sum ${labels(201)} 500`, `count ${labels(201)} 1000`],
    ...[`sum ${labels(400)} 2`, `count ${labels(400)} 1`],
  ];
  expect(await countsOf()).toEqual(first);
  expect(await countsOf()).toEqual(first);

  metrics.answered('/hub', 400, 1);
  expect((await countsOf()).slice(2)).toEqual([`sum ${labels(400)} 3`, `count ${labels(400)} 2`]);
});
