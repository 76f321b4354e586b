/** Child program: many endpoints that pushes go to. It answers as it is told, counts, times, and looks for faults. */
import { serveCalls } from '../channel.ts';
import { type Behaviour, createEndpoints, type Tally } from '../receive/endpoints.ts';

interface Waiter {
  readonly accepted: number;
  readonly resolve: () => void;
}

let waiters: Waiter[] = [];
const endpoints = createEndpoints({
  delayMs: Number(process.argv[2] ?? 0),
  onAccepted(accepted) {
    if (waiters.length === 0) return;
    for (const waiter of waiters) if (accepted >= waiter.accepted) waiter.resolve();
    waiters = waiters.filter((waiter) => accepted < waiter.accepted);
  },
});

function endpointAt(index: number) {
  const endpoint = endpoints.all[index];
  if (endpoint === undefined) throw new Error(`there is no endpoint ${index}`);
  return endpoint;
}

const calls = {
  /** Opens so many endpoints more; their addresses. */
  async open({ count }: { count: number }): Promise<string[]> {
    const urls: string[] = [];
    for (let left = count; left > 0; left -= 1) urls.push((await endpoints.add()).url);
    return urls;
  },
  expectSecret({ index, secret }: { index: number; secret: string }): void {
    endpointAt(index).ledger.expectSecret(secret);
  },
  /** Of one endpoint, or of all. */
  behave({ index, behaviour }: { index?: number; behaviour: Behaviour }): void {
    const chosen = index === undefined ? endpoints.all : [endpointAt(index)];
    for (const endpoint of chosen) endpoint.behaviour = behaviour;
  },
  /** Ends its connections and takes no new ones. */
  close({ index }: { index: number }): void {
    endpointAt(index).close();
  },
  begin: endpoints.begin,
  /** When so many are accepted since `begin`, or when the time is over. */
  async until({ accepted, timeoutMs }: { accepted: number; timeoutMs: number }): Promise<Tally> {
    if (endpoints.tally().accepted < accepted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        waiters.push({
          accepted,
          resolve: () => {
            clearTimeout(timer);
            resolve();
          },
        });
      });
    }
    return endpoints.tally();
  },
  tally: (): Tally => endpoints.tally(),
  times: (): Float64Array => endpoints.times(),
};

export type EndpointsCalls = typeof calls;

serveCalls(calls);
