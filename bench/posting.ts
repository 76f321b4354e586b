/** The floor of the rows that drain: the same signed POSTs by bare undici, to a receiver of its own. */
import { randomBytes } from 'node:crypto';
import { createRemote } from './channel.ts';
import type { Lab } from './lab.ts';
import type { PostsCalls } from './programs/posts.ts';
import { startReceiver } from './receiving.ts';

export interface BareOptions {
  readonly endpoints: number;
  /** To how many endpoints each event goes. */
  readonly copies: number;
}

/** Deliveries per second of `count` POSTs, from the first receipt to the last. */
export async function startBarePosts(
  lab: Lab,
  { endpoints, copies }: BareOptions,
): Promise<(count: number) => Promise<number>> {
  const receiver = await startReceiver(lab, { endpoints, isOrdered: false });
  const places: { url: string; secret: string }[] = [];
  for (const [index, url] of receiver.urls.entries()) {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    await receiver.ask('expectSecret', { index, secret });
    places.push({ url, secret });
  }
  const child = lab.start({ name: 'posts', program: 'bench/programs/posts.js' });
  const ask = createRemote<PostsCalls>(child, lab.signal);
  await ask('open', { places });
  return async (count) => {
    await receiver.ask('begin', { firstNumber: 0, count: 0 });
    const failures = await ask('post', { count, copies, units: lab.settings.units });
    if (failures > 0) throw new Error(`${failures} bare POSTs were not answered by 2xx`);
    const { firstMs, lastMs } = await receiver.expectAll(count);
    return (count * 1_000) / (lastMs - firstMs);
  };
}
