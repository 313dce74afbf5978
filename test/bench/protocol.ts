/** What the processes of one measurement tell each other. */

/** The simulated tenant, ready to be asked. */
export interface TenantReady {
  readonly origin: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The group whose people the job shows. */
  readonly source: string;
  /** PEM: the authority to trust, and the app's certificate with its key. */
  readonly ca: string;
  readonly app: string;
}

export type TenantQuestion =
  | { readonly ask: 'figures' }
  /** Writes the recorded batches to a file, one a line; from now on the n-th is answered with what it was answered. */
  | { readonly ask: 'replay'; readonly file: string };

export interface TenantFigures {
  readonly httpRequests: number;
  readonly writes: number;
  /** Contacts that are wrong, missing, or there twice. */
  readonly wrong: number;
}

/** What it cost the service to bring everything up to date, first fill and all: `sync --once` in a process of its own. */
export interface ServiceFigures {
  readonly contacts: number;
  readonly writes: number;
  readonly httpRequests: number;
  readonly seconds: number;
  /** User and system time of all threads while it worked, commits of ledger and queue included. */
  readonly cpuMicroseconds: number;
  readonly peakRssMiB: number;
  /** Before anything was opened. */
  readonly idleRssMiB: number;
  /** The ledger's file, closed. */
  readonly ledgerBytes: number;
}

/** What it costs to send the same batches and nothing else. */
export interface BareFigures {
  readonly batches: number;
  /** Made from objects and read into objects, as whoever wants to know what became of them must. */
  readonly cpuMicroseconds: number;
  /** Text made beforehand, answers thrown away. */
  readonly textCpuMicroseconds: number;
}

/** Names the recorded batch in a request of the bare loop. */
export const EXCHANGE_HEADER = 'client-request-id';
/** Of the job's contacts. */
export const FOLDER = 'Company Directory';
