/** The documents part of the hub's port: giving the hub an order, and reading it again. */
import type { DocumentFacts, HubDocument } from '../events/document.ts';
import type { StopProgress, UnitOffPlan } from '../events/progress.ts';
import type { DocumentType } from '../events/types.ts';
import type { Principal } from './dialect.ts';
import type { PageRequest } from './hub-port.ts';

export interface DocumentsPort {
  /**
   * Keeps a document of the principal's organization; on disk when it resolves. Throws `conflict`
   * naming `number` where the organization has one of this type and number, of two at once exactly
   * one; `invalid-input` naming `parties.N.organization` for one that is unknown; `overloaded`.
   */
  readonly create: (principal: Principal, given: NewDocument) => Promise<HubDocument>;
  /** For its owner and its parties; undefined for everyone else as for an unknown id. */
  readonly get: (principal: Principal, id: string) => Promise<HubDocument | undefined>;
  /** Documents that the principal may see by what they are called, its own first, then newest. */
  readonly find: (
    principal: Principal,
    query: { readonly type: DocumentType; readonly number: string },
  ) => Promise<readonly HubDocument[]>;
  /** Planned beside actual, for those who may see the document, of the units that they may see. */
  readonly progress: (
    principal: Principal,
    id: string,
    page: PageRequest,
  ) => Promise<DocumentProgress | undefined>;
}

export interface DocumentProgress {
  readonly document: HubDocument;
  /** In the order of the route, each with the units of this page. */
  readonly stops: readonly StopProgress[];
  /** The units of this page, newest first. */
  readonly units: readonly UnitOffPlan[];
  readonly nextCursor: string | null;
}

export interface NewDocument extends DocumentFacts {
  /** Owner; the operator must give it, everyone else may only name their own. */
  readonly organization?: string;
}
