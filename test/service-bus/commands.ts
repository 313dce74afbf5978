import type { ServiceBus } from './start.ts';

/** What a line on the program's standard input asks for, and what it came to; something to read in any case. */
export function obey(bus: ServiceBus, line: string): Record<string, unknown> {
  const [command = '', argument = '', second] = line.trim().split(/\s+/);
  const count = Number(argument === '' ? 1 : argument);
  try {
    const does: Readonly<Record<string, () => Record<string, unknown>>> = {
      depth: () => ({ ...bus.depth(argument) }),
      busy: () => said(() => bus.faults.serverBusy(count)),
      quota: () => said(() => bus.faults.quotaExceeded(count)),
      refuse: () => said(() => bus.faults.refuseTokens(count)),
      slow: () => said(() => (bus.faults.slowMs = count)),
      drop: () => ({ dropped: bus.dropConnections() }),
      detach: () => said(() => bus.detachLinks()),
      steal: () => ({ stolen: bus.stealSessions(argument, second) }),
      clear: () => said(() => bus.faults.clear()),
    };
    return does[command]?.() ?? { error: `There is no command '${command}'.` };
  } catch (error) {
    return { error: String(error) };
  }
}

function said(work: () => unknown): Record<string, unknown> {
  work();
  return { done: true };
}
