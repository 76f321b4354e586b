/** Speaks HTTP to a hub with the admin key; every failure becomes one line. */
import {
  type Answer,
  CliError,
  type HubClient,
  type Io,
  isAnswer,
  itemsOf,
  textOf,
} from './types.ts';

const TIMEOUT_MS = 30_000;

export function createHubClient(given: {
  readonly url: string;
  readonly adminKey: string;
  readonly io: Pick<Io, 'fetch'>;
}): HubClient {
  const url = baseOf(given.url);
  const authorization = `Bearer ${given.adminKey}`;

  async function call(path: string, init: RequestInit): Promise<Answer> {
    const response = await reach(url, () =>
      given.io.fetch(`${url}/hub/v1${path}`, {
        ...init,
        headers: { accept: 'application/json', authorization, ...init.headers },
        // The admin key must not follow a redirect to somewhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
    const answer = parsed(await reach(url, () => response.text()));
    if (!response.ok) throw new CliError(faultLine(response.status, answer));
    if (answer === undefined) throw new CliError(`${url} does not answer like a hub`);
    return answer;
  }

  return {
    url,
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

function baseOf(url: string): string {
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isWeb) throw new CliError(`not an http address: ${url}`, 2);
  return url.replace(/\/+$/, '');
}

async function reach<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CliError(`cannot reach ${url}: ${reasonOf(error)}`);
  }
}

/** fetch hides the reason in `cause`, and a name with several addresses gives several reasons. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message;
}

function parsed(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isAnswer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** From `application/problem+json`; the issues say more than the text above them. */
function faultLine(status: number, answer: Answer = {}): string {
  const issues = itemsOf(answer, 'errors').map(
    (issue) => `${textOf(issue, 'path')}: ${textOf(issue, 'message')}`,
  );
  const [text = ''] = [textOf(answer, 'detail'), textOf(answer, 'title')].filter(
    (one) => one !== '',
  );
  const code = textOf(answer, 'code');
  const said = issues.length > 0 ? issues.join('; ') : text || 'the hub refused';
  return `${said} (${[String(status), code].filter((one) => one !== '').join(' ')})`;
}
