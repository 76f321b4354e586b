/** `npm start`: reads the settings, starts the hub, prints where it listens, drains on a signal. */
import { type Config, ConfigError, readConfig } from './config.ts';

/** Parts that hang are given up a second before, so that the private database can still be ended. */
const exitMsMax = 9_500;

/** One line for what an operator can mend, without a stack. */
function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ');
}

function fail(error: unknown): never {
  const prefix = error instanceof ConfigError ? 'wrong setting' : 'cannot start';
  process.stderr.write(`portolan: ${prefix}: ${lineOf(error)}\n`);
  process.exit(1);
}

/** Aborts at the first signal; a second one ends the process at once. */
function onSignals(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) process.exit(1);
    // Whatever hangs, the process ends in time: what is unfinished is still in the database, and
    // the launcher of the private one tells it to end when this process exits.
    setTimeout(() => process.exit(0), exitMsMax).unref();
    stopping.abort();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return stopping.signal;
}

async function run(config: Config, signal: AbortSignal): Promise<void> {
  // Not before the signals are heard: reading all the modules takes the longest part of a second.
  const [{ openLog }, { startApp }] = await Promise.all([import('./log.ts'), import('./app.ts')]);
  const { logger, say } = openLog(config);
  const app = await startApp(config, logger, signal);
  // Printed whatever the log level: programs wait for this line.
  say({ msg: 'listening', url: app.url });
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  logger.info('stopping');
  await app.stop();
}

async function main(): Promise<void> {
  const signal = onSignals();
  try {
    await run(readConfig(process.env), signal);
  } catch (error) {
    // A start that was called off is no fault; it left nothing behind.
    if (!signal.aborted || error !== signal.reason) fail(error);
  }
  process.exit(0);
}

void main();
