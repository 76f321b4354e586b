/** The operator's calls about partners' codes, and one event as every dialect says it. */
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { principalOf } from '../../dialect.ts';
import { entryOf, type Hub } from '../../hub-port.ts';
import { decodeEntry } from '../decode-vocabulary.ts';
import { encodeEntry, encodeRenderings, encodeVocabulary } from '../encode-vocabulary.ts';
import { Renderings } from '../schemas/renderings.ts';
import { CodeParams, DialectParams, Entry, EntryBody, Vocabulary } from '../schemas/vocabulary.ts';
import { IdParams } from '../schemas.ts';
import { base, call, found, idOf, notFound } from './call.ts';

const tags = ['vocabulary'];
const path = `${base}/vocabulary/:dialect`;

const putSchema = {
  summary: 'Say what a code means',
  description:
    'Works at once, without a restart; in other processes of the hub within two seconds. Events ' +
    'that are recorded already stay as they are.',
  tags,
  params: CodeParams,
  body: EntryBody,
  response: {
    200: { ...Entry, description: 'Replaced.' },
    201: { ...Entry, description: 'Added.' },
  },
};

export function registerVocabulary(app: FastifyInstance, hub: Hub): void {
  app.get<{ Params: DialectParams }>(
    path,
    call(hub, 'operator', {
      summary: 'What the codes of a dialect mean, and how types are said in it',
      tags,
      params: DialectParams,
      response: { 200: Vocabulary },
    }),
    async ({ params: { dialect } }) =>
      encodeVocabulary(dialect, await hub.vocabulary.list(dialect)),
  );
  app.put<{ Params: CodeParams; Body: EntryBody }>(
    `${path}/:code`,
    call(hub, 'operator', putSchema),
    async ({ params, body }, reply) => {
      const { dialect, code } = params;
      const wanted = decodeEntry({ params, body, vocabulary: hub.vocabulary.of(dialect) });
      const { entry, created } = await hub.vocabulary.put(dialect, wanted);
      reply.code(created ? 201 : 200);
      const label = entryOf(hub.vocabulary.of(dialect), code)?.label ?? entry.label ?? code;
      return encodeEntry(entry, label);
    },
  );
  registerRemoval(app, hub);
  registerRenderings(app, hub);
}

function registerRemoval(app: FastifyInstance, hub: Hub): void {
  app.delete<{ Params: CodeParams }>(
    `${path}/:code`,
    call(hub, 'operator', {
      summary: "Remove the operator's entry for a code",
      description:
        "What the dialect knows of the code by itself holds again. That can't be removed.",
      tags,
      params: CodeParams,
      response: { 204: Type.Null({ description: 'Removed.' }) },
    }),
    async ({ params: { dialect, code } }, reply) => {
      const isRemoved = await hub.vocabulary.remove(dialect, code);
      if (!isRemoved) throw notFound('entry of yours');
      return reply.code(204).send();
    },
  );
}

function registerRenderings(app: FastifyInstance, hub: Hub): void {
  app.get<{ Params: IdParams }>(
    `${base}/events/:id/renderings`,
    call(hub, ['hub.read'], {
      summary: 'One event as every dialect says it',
      description:
        'For each form of each dialect the body, and which members of this event it drops, ' +
        'defaults or approximates. Nothing is sent.',
      tags: ['events'],
      params: IdParams,
      response: { 200: Renderings },
    }),
    async (request) => {
      const id = idOf(request, 'event');
      const event = found(await hub.events.get(principalOf(request), id), 'event');
      return encodeRenderings(event, hub.renderings.of(event));
    },
  );
}
