/**
 * Child program: a private PostgreSQL in a scratch folder, with the hub's own settings. It removes
 * both when the benchmark is gone, however that ended.
 */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded/index.ts';

const folder = process.argv[2] ?? '';

/** Removes what a benchmark makes, by name: a folder given by mistake keeps everything else. */
async function clear(homes: readonly string[]): Promise<void> {
  const folders = [...homes, join(folder, 'database'), join(folder, 'hub')];
  for (const path of folders) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  // These go only when nothing else is in them.
  for (const path of [folder, dirname(folder)]) await rmdir(path).catch(() => undefined);
}

async function start(): Promise<EmbeddedPostgres> {
  const isNew = (await mkdir(join(folder, 'database'), { recursive: true })) !== undefined;
  try {
    return await startEmbeddedPostgres({ dataDir: join(folder, 'database') });
  } catch (error) {
    // One that was there may belong to another benchmark that runs just now.
    if (isNew) await clear([]);
    throw error;
  }
}

async function main(): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    process.on('disconnect', resolve);
    process.on('SIGTERM', resolve);
  });
  // Ctrl-C reaches every process of the terminal; the benchmark tells us when its work is over.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  const server = await start();
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: server.url })}\n`);
  await gone;
  await server.stop();
  await clear([server.homeDir]);
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
