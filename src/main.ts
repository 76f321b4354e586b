/** `npm start`: reads the settings, starts the hub, prints where it listens, drains on a signal. */
import { pino } from 'pino';
import { startApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

const drainMsMax = 9_500;

/** One line for what an operator can mend, without a stack. */
function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ');
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  const app = await startApp(config, logger);

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    // Whatever hangs, the process ends in time: what is unfinished is still in the database.
    setTimeout(() => process.exit(0), drainMsMax).unref();
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  // Printed whatever the log level: programs wait for this line.
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: app.url })}\n`);
}

main().catch((error: unknown) => {
  const prefix = error instanceof ConfigError ? 'wrong setting' : 'cannot start';
  process.stderr.write(`portolan: ${prefix}: ${lineOf(error)}\n`);
  process.exit(1);
});
