import { fstatSync } from 'node:fs';
import { pino, type DestinationStream } from 'pino';

/** What a priority of syslog is called in `<N>` before a line, for each of pino's levels (sd-daemon(3), RFC 5424). */
const PRIORITIES = { error: 3, warning: 4, info: 6, debug: 7 } as const;

/** Before a line that says what ended the process. */
export const ERROR_PREFIX = `<${PRIORITIES.error}>`;

/**
 * Whether a descriptor of this process is the journal that systemd gave it: `JOURNAL_STREAM` holds its device and inode
 * (systemd.exec(5)). Whoever redirects it to a file or pipe inherits the variable and no journal.
 */
export function isJournal(journalStream: string | undefined, descriptor: number): boolean {
  if (journalStream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return journalStream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** Each line with its priority in front, so that `journalctl -p err` finds it. The journal takes the prefix off again. */
export function withPriority(destination: DestinationStream): DestinationStream {
  // Pino tells a destination that asks for it the level of each line before it writes the line.
  const prefixing = {
    [pino.symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    write: (line: string): void => destination.write(`<${priorityOf(prefixing.lastLevel)}>${line}`),
  };
  return prefixing;
}

/** `level`: a number of pino's, 50 and more for errors. */
function priorityOf(level: number): number {
  const { error, warn, info } = pino.levels.values;
  if (level >= (error ?? 50)) return PRIORITIES.error;
  if (level >= (warn ?? 40)) return PRIORITIES.warning;
  return level >= (info ?? 30) ? PRIORITIES.info : PRIORITIES.debug;
}
