/** The `traceparent` header of W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header). */

export interface TraceContext {
  /** 32 and 16 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly traceFlags: number;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** Undefined for what the standard tells to ignore. Later versions may be longer, version 00 may not. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const match = pattern.exec(text ?? '');
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (zeros.test(traceId) || zeros.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
