import type { Config } from '../../src/kit/config/config.ts';
import type { SweepReport } from '../../src/run/service.ts';
import type { Violation } from '../tenant/oracles.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { crossTenantStage } from './cross-tenant-stage.ts';
import { directoryStage } from './directory-stage.ts';
import type { DemoOptions } from './options.ts';
import { mirrorStage } from './mirror-stage.ts';
import type { Cast } from './shared-stage.ts';
import type { Scene } from './story.ts';
import type { OnProgress } from './theatre.ts';

/** What one thing that happens takes at the least. */
export interface Effort {
  /** Contacts that had to be written. */
  readonly writes: number;
  readonly peopleRead: number;
  readonly what: 'change' | 'address' | 'create' | 'remove';
}

/** A tenant behind real HTTPS whose people change, wherever they are shown, and the whole service against it. */
export interface Stage {
  /** The tenant of the people. */
  readonly tenant: Tenant;
  /** What happens, one thing after the other. */
  readonly scenes: readonly Scene[];
  readonly config: Config;
  readonly service: Cast;
  /** Everything that the service keeps or says: data folder or stores, and log. */
  readonly folders: readonly string[];
  /** Looks for what no notification told. Returns how much it found, and how long it took. */
  search(signal: AbortSignal): Promise<Pick<SweepReport, 'found' | 'seconds'>>;
  /** What the audience is told first. */
  readonly told: readonly string[];
  /** What stands there, held against what should. */
  compare(): {
    readonly divergences: readonly unknown[];
    readonly duplicates: number;
    readonly foreignTouched: number;
    readonly contacts: number;
  };
  /** Contacts written so far. */
  writes(): number;
  /** HTTP requests of every tenant so far. */
  httpRequests(): number;
  /**
   * What the service writes is told to it as well, and looked at: that belongs to what a change takes, and is over before the
   * next one, which it would otherwise find on the way.
   */
  readonly hasEchoes: boolean;
  /** As few of them as something takes, by the job's own rule. */
  floor(effort: Effort): number;
  violations(): readonly Violation[];
  /** No value of a person that lives here may be found at rest. */
  readonly tenants: readonly Tenant[];
  close(): Promise<void>;
}

const STAGES = { directory: directoryStage, 'cross-tenant': crossTenantStage, mirror: mirrorStage };

/** Sets everything up in a temporary folder; nothing leaves the loopback address. */
export function setStage(options: DemoOptions, onProgress: OnProgress): Promise<Stage> {
  return STAGES[options.job](options, onProgress);
}
