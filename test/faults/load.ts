/**
 * Clients that post events, one and several at a time, to whichever hub is up. What got no answer
 * is sent again with the same body until it has one, as a partner's program would.
 */
import type { Chance } from '../support/chance.ts';
import { type Answer, request } from '../support/client.ts';
import { type Ledger, timeOfNumber } from './ledger.ts';

export interface LoadOptions {
  /** Where to post; waits while nothing is up. */
  readonly hubUrl: () => Promise<string>;
  readonly token: string;
  /** A new one; without it the first one has to do. */
  readonly renewToken?: (hub: string) => Promise<string>;
  readonly references: readonly [string, ...string[]];
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly clients: number;
}

export interface Load {
  /** Resolves after so many more acknowledged requests; rejects when a client gave up. */
  readonly acknowledgements: (count: number) => Promise<void>;
  /** Lets every client finish what it has begun. */
  readonly stop: () => Promise<void>;
  /** Answers that were neither 201 nor 503. */
  readonly oddAnswers: () => readonly string[];
}

interface Sent {
  readonly number: number;
  readonly reference: string;
}

interface Recorded {
  readonly events: readonly { readonly id?: string; readonly status: string }[];
}

const types = ['gated-in', 'gated-out', 'loaded', 'discharged', 'arrived', 'departed'] as const;
const batchMax = 5;

export function startLoad(options: LoadOptions): Load {
  const proof = { token: options.token };
  const { references, chance, ledger } = options;
  const oddAnswers: string[] = [];
  let isStopping = false;
  let newest = 0;
  let answered = 0;
  let waiting: { at: number; resolve: () => void }[] = [];

  const count = () => {
    answered += 1;
    for (const one of waiting) if (one.at <= answered) one.resolve();
    waiting = waiting.filter((one) => one.at > answered);
  };

  const makeBatch = (): Sent[] =>
    Array.from({ length: chance.between(1, batchMax) }, () => {
      newest += 1;
      return { number: newest, reference: chance.oneOf(references) };
    });

  const client = async (): Promise<void> => {
    while (!isStopping) {
      const batch = makeBatch();
      const answer = await untilAnswered(options, proof, bodyOf(batch, chance));
      note(answer, batch);
      count();
    }
  };

  const note = ({ status, text, body }: Answer<Recorded>, batch: readonly Sent[]): void => {
    if (status !== 201) oddAnswers.push(`${status} ${text.slice(0, 300)}`);
    else {
      batch.forEach((sent, at) => {
        const result = body.events[at];
        if (result?.status === 'recorded' || result?.status === 'duplicate')
          ledger.acknowledge(sent);
        else oddAnswers.push(`event ${sent.number}: ${JSON.stringify(result)}`);
      });
    }
  };

  const clients = Promise.all(Array.from({ length: options.clients }, client));
  return {
    acknowledgements: (more) => {
      const enough = new Promise<void>((resolve) => {
        if (more === 0) resolve();
        else waiting.push({ at: answered + more, resolve });
      });
      return Promise.race([enough, clients.then(() => undefined)]);
    },
    async stop() {
      isStopping = true;
      await clients;
    },
    oddAnswers: () => oddAnswers,
  };
}

function bodyOf(batch: readonly Sent[], chance: Chance): string {
  const events = batch.map(({ number, reference }) => ({
    unit: { reference },
    type: chance.oneOf(types),
    occurredAt: timeOfNumber(number),
    place: { unlocode: 'FRLEH', location: 'MTDF' },
  }));
  // A single one goes as an object half of the time: the two ways share little code.
  const isBare = events.length === 1 && chance.between(0, 1) === 0;
  return JSON.stringify(isBare ? events[0] : events);
}

/** `proof` is shared by all clients: who finds its token too old renews it for the others too. */
async function untilAnswered(
  { hubUrl, renewToken }: LoadOptions,
  proof: { token: string },
  body: string,
): Promise<Answer<Recorded>> {
  for (;;) {
    const hub = await hubUrl();
    try {
      const url = `${hub}/hub/v1/events`;
      const answer = await request<Recorded>(url, { token: proof.token, body });
      const isOld = answer.status === 401 && renewToken !== undefined;
      if (answer.status !== 503 && !isOld) return answer;
      if (isOld) proof.token = await renewToken(hub);
      else await ready(hub);
    } catch {
      // Killed while we asked: whether it was recorded is not known, so it is sent again.
    }
  }
}

const probes = new Map<string, Promise<void>>();

/** Asks one hub, for all clients together, until its database is there again. */
function ready(hub: string): Promise<void> {
  const probe = async (): Promise<void> => {
    while ((await request(`${hub}/readyz`)).status !== 200);
  };
  const running = probes.get(hub) ?? probe().finally(() => probes.delete(hub));
  probes.set(hub, running);
  return running;
}
