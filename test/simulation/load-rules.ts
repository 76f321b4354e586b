/** What one process may have open, and how fast: caps, rates and breakers, per endpoint and in all. */
import type { SendResult } from '../../src/delivery/send.ts';
import type { DeliverySettings } from '../../src/delivery/settings.ts';
import { createPaceModel, type PaceModel } from './pace-model.ts';
import type { Process } from './process.ts';

/** What the owner of an endpoint allows. */
export interface EndpointLimits {
  readonly sendsMax: number | null;
  readonly ratePerSecond: number | null;
}

export interface LoadRulesParts {
  readonly nowMs: () => number;
  readonly settings: DeliverySettings;
  readonly limitsOf: (endpointId: string) => EndpointLimits;
  /** Somebody said that the endpoint is well, or changed it: its breaker may have been closed. */
  readonly isTouched: (endpointId: string) => boolean;
  readonly complain: (text: string) => void;
}

export interface LoadRules {
  /** True where it is the probe of a breaker. */
  readonly begin: (process: Process, endpointId: string) => boolean;
  readonly ended: (
    place: { readonly process: Process; readonly endpointId: string },
    result: SendResult,
    isProbe: boolean,
  ) => void;
}

export function createLoadRules(parts: LoadRulesParts): LoadRules {
  const { nowMs, settings, complain } = parts;
  const open = new Map<Process, Map<string, number>>();
  const paces = new Map<string, PaceModel>();
  const starts = new Map<string, number[]>();

  function paceOf(process: Process, endpointId: string): PaceModel {
    const key = `${process.id} ${endpointId}`;
    const pace =
      paces.get(key) ??
      createPaceModel({
        failuresMax: settings.breakerFailuresMax,
        openMsMin: settings.breakerOpenMsMin,
        openMsMax: settings.breakerOpenMsMax,
      });
    paces.set(key, pace);
    return pace;
  }

  function openOf(process: Process): Map<string, number> {
    const mine = open.get(process) ?? new Map<string, number>();
    open.set(process, mine);
    return mine;
  }

  /** Caps hold for what a process has open by itself. */
  function checkCaps(process: Process, endpointId: string, cap: number): void {
    const mine = openOf(process);
    const all = [...mine.values()].reduce((sum, each) => sum + each, 0);
    const here = (mine.get(endpointId) ?? 0) + 1;
    mine.set(endpointId, here);
    if (here > cap) complain(`${here} sends are open to ${endpointId}`);
    if (all + 1 > settings.sendsMax) complain(`${all + 1} sends are open`);
    if (all * 2 >= settings.sendsMax && here > settings.laneSendsCrowdedMax) {
      complain(`${here} sends are open to ${endpointId} while all are crowded`);
    }
  }

  /** A second's worth at once, and as many as come in again meanwhile. */
  function checkRate(process: Process, endpointId: string, ratePerSecond: number): void {
    const key = `${process.id} ${endpointId}`;
    const recent = (starts.get(key) ?? []).filter((startMs) => startMs > nowMs() - 1_000);
    recent.push(nowMs());
    starts.set(key, recent);
    if (recent.length > 2 * ratePerSecond + 1) {
      complain(`${recent.length} sends to ${endpointId} within a second`);
    }
  }

  return {
    begin(process, endpointId) {
      const { sendsMax, ratePerSecond } = parts.limitsOf(endpointId);
      const { laneSendsMax } = settings;
      checkCaps(process, endpointId, Math.min(sendsMax ?? laneSendsMax, laneSendsMax));
      if (ratePerSecond !== null) checkRate(process, endpointId, ratePerSecond);
      const pace = paceOf(process, endpointId);
      const wrong = pace.begin(nowMs());
      if (wrong !== undefined && !parts.isTouched(endpointId)) {
        complain(`${process.id} sends to ${endpointId}: ${wrong}`);
      }
      return pace.isProbing();
    },
    ended({ process, endpointId }, result, isProbe) {
      const mine = openOf(process);
      mine.set(endpointId, (mine.get(endpointId) ?? 0) - 1);
      paceOf(process, endpointId).ended(isProbe, result, nowMs());
    },
  };
}
