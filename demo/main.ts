/**
 * `npm run demo`: starts a hub of its own on a scratch data folder, plays a day in a port through
 * every dialect, checks that every push arrived and verified, and stays up to be tried.
 * `--exit` ends instead, with status 0 when all is well and 1 otherwise; `--port N` picks the port.
 */
import { parseArgs } from 'node:util';
import {
  type HubProcess,
  makeScratchDir,
  readLogTail,
  removeScratchDir,
  startHub,
} from './hub-process.ts';
import { openShow } from './show.ts';
import { heading } from './telling.ts';

const showMsMax = 120_000;
const help = 'usage: npm run demo -- [--exit] [--port N]';

interface Options {
  readonly exit: boolean;
  readonly port: number;
}

/** Throws an error of one line on anything but the two options. */
function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { exit: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new Error(`--port ${values.port} is not a port number`);
  }
  return { exit: values.exit, port };
}

/** Resolves at the first signal; further ones change nothing, because the hub is on its way down. */
function untilSignal(): Promise<'signal'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve('signal'));
    }
  });
}

/** Plays the day on a running hub, and stays up where it should. Exit status. */
async function run(
  hub: HubProcess,
  options: Options,
  signalled: Promise<'signal'>,
): Promise<number> {
  const show = await openShow(hub);
  const timeLimit = AbortSignal.timeout(showMsMax);
  const tooLate = new Promise<never>((_, reject) => {
    timeLimit.addEventListener('abort', () => {
      reject(new Error(`the story took longer than ${showMsMax / 1000} s`));
    });
  });
  // It may also come when nobody waits for it any more.
  tooLate.catch(() => undefined);
  try {
    const result = await Promise.race([show.play(), hub.failed, tooLate, signalled]);
    if (result === 'signal') return options.exit ? 1 : 0;
    if (options.exit) return result.isWell ? 0 : 1;
    show.stayUp(result.suggestions);
    await Promise.race([signalled, hub.failed]);
    return 0;
  } finally {
    await show.close();
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const signalled = untilSignal();
  const scratchDir = await makeScratchDir();
  let hub: HubProcess | undefined;
  try {
    hub = await startHub({ scratchDir, port: options.port, givenUp: signalled });
    return await run(hub, options, signalled);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.error(`\nportolan demo: ${text}`);
    const log = await readLogTail(scratchDir);
    if (log !== '') console.error(`\nThe end of the hub's log:\n\n${log}`);
    return 1;
  } finally {
    if (hub !== undefined) heading('Stopping the hub …');
    await hub?.stop();
    await removeScratchDir(scratchDir);
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    console.error(`portolan demo: ${text}\n${help}`);
    process.exit(2);
  },
);
