import { toldOf } from '../kit/told.ts';
import { changeIdsOf, type Change } from '../model/change.ts';
import type { Fault } from '../model/fault.ts';
import type { Needs } from './needs.ts';
import type { LookOutcome, TracedLook } from './trace-port.ts';

/** What became of the objects of one take, by id. */
export interface Looked {
  readonly findings: ReadonlyMap<string, LookOutcome>;
  /** Objects that could not be read: nothing was done about them. */
  readonly faults: ReadonlyMap<string, Fault>;
}

/**
 * Keeps for a while what these looks found, in one statement for all of them, so that a person can be told what became of an event
 * (`trace`). Work never waits for it: where the ledger does not take it, it is missing there.
 */
export async function noteLooks(
  { ledger, clock, log }: Pick<Needs, 'ledger' | 'clock' | 'log'>,
  changes: readonly Change[],
  looked: Looked | Error,
): Promise<void> {
  const [first] = changes;
  if (!first) return;
  try {
    await ledger.traces.add(
      first.tenant,
      clock.now(),
      changes.map((change) => lookOf(change, looked)),
    );
  } catch (error) {
    log.tell('traces-unkept', { tenant: first.tenant, count: changes.length, error: toldOf(error) });
  }
}

function lookOf(change: Change, looked: Looked | Error): TracedLook {
  const { kind, id: object, causes } = change;
  const about = { changes: changeIdsOf(change), kind, object, causes };
  const fault = looked instanceof Error ? looked : looked.faults.get(object);
  if (fault) return { ...about, outcome: 'failed', fault: faultNameOf(fault) };
  const finding = looked instanceof Error ? undefined : looked.findings.get(object);
  return { ...about, outcome: finding ?? (hasFindings(change) ? 'nothing' : 'looked'), fault: '' };
}

/** Of people and groups it is known whether there was anything new. */
function hasFindings({ kind }: Change): boolean {
  return kind === 'user' || kind === 'group';
}

/** Never a message: of a defect it may quote what it failed on. */
function faultNameOf(fault: Error): string {
  if (!('kind' in fault) || typeof fault.kind !== 'string') return fault.name;
  const code = 'code' in fault && typeof fault.code === 'string' ? ` ${fault.code}` : '';
  return `${fault.kind}${code}`;
}
