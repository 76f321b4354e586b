/** Who is no party to the freight cannot tell whether it exists, whatever door they try. */
import { containers, publishedTracingQuery } from '../cast.ts';
import { bearer } from '../http.ts';
import { list, parse, text } from '../json.ts';
import { tracingRequest } from '../speak/soget.ts';
import type { Stage } from '../stage.ts';

export async function playStranger({ client, world, say }: Stage): Promise<void> {
  const { stranger } = world.members;
  const known = await client.send(tracingRequest(stranger, publishedTracingQuery), 404);
  const made = { ...publishedTracingQuery, reference: 'ZZZU9999990' };
  const unknown = await client.send(tracingRequest(stranger, made), 404);
  const codes = [known, unknown].map((answer) => text(parse(answer.text), 'code'));
  if (codes.join() !== 'R001,R001') throw new Error(`the stranger was answered ${codes.join()}`);

  const path = `/hub/v1/events?unit=${containers.traced.reference}`;
  const request = { method: 'GET', path, headers: bearer(stranger.token) } as const;
  const events = list(parse((await client.send(request, 200)).text), 'items');
  if (events.length > 0) throw new Error(`the stranger sees ${events.length} events`);
  const outcome = 'R001, as for a number that nobody has; 0 events';
  say({ time: '17:00', dialect: 'soget', text: 'a stranger asks for the same container', outcome });
}
