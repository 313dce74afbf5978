import { CallWindow } from './call-window.ts';
import type { Ceilings } from './ceilings.ts';
import { Refusal, type Call } from './call.ts';

/** Tenant sizes and their resource units in 10 s (learn.microsoft.com/graph/throttling-limits). */
const UNITS_WINDOW_MS = 10_000;
const UNITS = { small: 3_500, medium: 5_000, large: 8_000 };
const SMALL_BELOW = 50;
const MEDIUM_UP_TO = 500;

const UNIT_COST: Readonly<Record<string, number>> = {
  'GET users': 2,
  'GET groups/{id}/members': 3,
  'GET groups/{id}/members/{cast}': 3,
  'GET groups/{id}/transitiveMembers': 5,
  'GET groups/{id}/transitiveMembers/{cast}': 5,
};

/** Pools that every mailbox and every caller of the tenant share. */
export class Limits {
  readonly #extensions: CallWindow;
  readonly #app: CallWindow;
  readonly #appId: string;
  readonly #tenantId: string;
  readonly #people: () => number;
  #units: { limit: number; window: CallWindow } | undefined;

  constructor(options: { appId: string; tenantId: string; people: () => number; ceilings: Ceilings }) {
    this.#extensions = new CallWindow(options.ceilings.extensions);
    this.#app = new CallWindow(options.ceilings.app);
    this.#appId = options.appId;
    this.#tenantId = options.tenantId;
    this.#people = options.people;
  }

  /** Takes the resource units of a directory request. Returns the headers that tell; throws 429 when there are none left. */
  takeUnits(operation: string, call: Call, now: number): Record<string, string> {
    const people = this.#people();
    const limit = people < SMALL_BELOW ? UNITS.small : people <= MEDIUM_UP_TO ? UNITS.medium : UNITS.large;
    if (this.#units?.limit !== limit)
      this.#units = { limit, window: new CallWindow({ count: limit, spanMs: UNITS_WINDOW_MS }) };
    const cost = unitCost(operation, call);
    const wait = this.#units.window.take(now, cost);
    if (wait > 0) {
      throw new Refusal(429, 'TooManyRequests', 'Too many requests.').with({
        'Retry-After': String(Math.ceil(wait / 1_000)),
        'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${this.#appId}/${this.#tenantId}`,
        'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      });
    }
    const share = this.#units.window.share;
    return {
      'x-ms-resource-unit': String(cost),
      ...(share >= 0.8 ? { 'x-ms-throttle-limit-percentage': share.toFixed(2) } : {}),
    };
  }

  /** Counts a request of the app, whatever it is about. Throws 429 when there were too many. */
  takeRequest(now: number): void {
    const wait = this.#app.take(now);
    if (wait === 0) return;
    throw new Refusal(429, 'TooManyRequests', 'Too many requests.').with({
      'Retry-After': String(wait / 1_000),
      'x-ms-throttle-scope': `Application/ReadWrite/${this.#appId}`,
    });
  }

  /** 0, or the milliseconds to wait for the pool of open extensions. */
  takeExtension(now: number): number {
    return this.#extensions.take(now);
  }
}

/** `$select` takes one off, a small `$top` as well, `$expand` adds one; never under one (learn.microsoft.com/graph/throttling-limits). */
function unitCost(operation: string, call: Call): number {
  let cost = UNIT_COST[operation] ?? 1;
  if (call.query.has('$select')) cost -= 1;
  if (call.query.has('$expand')) cost += 1;
  if (Number(call.query.get('$top') ?? 100) < 20) cost -= 1;
  return Math.max(1, cost);
}

/** Whether a request works on open extensions, inline ones included. */
export function usesExtensions(operation: string, call: Call): boolean {
  if (operation.includes('/extensions')) return true;
  return (
    operation.startsWith('POST ') &&
    typeof call.body === 'object' &&
    call.body !== null &&
    'extensions' in call.body
  );
}
