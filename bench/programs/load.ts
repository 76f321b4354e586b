/** Child program: puts load on a server, one job at a time, told and answered over the channel. */
import { type LoadJob, runLoad } from '../load/run.ts';

const send = (message: object) => process.send?.(message);

process.on('message', (job: LoadJob) => {
  runLoad(job).then(
    (result) => send({ result }),
    (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
  );
});
// The jobs come over the channel, so it keeps this program alive.
process.channel?.ref();
