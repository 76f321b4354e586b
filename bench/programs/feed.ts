/** Child program: posts events as it is told, in a closed or an open loop. */
import { serveCalls } from '../channel.ts';
import { flood } from '../load/flood.ts';
import { stream } from '../load/stream.ts';

const calls = { flood, stream };

export type FeedCalls = typeof calls;

serveCalls(calls);
