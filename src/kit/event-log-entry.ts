import { eventOf, type EventName } from './events/catalogue.ts';
import type { LogKeys } from './log.ts';

/** One entry of the Windows Event Log, as the script that writes it takes it. */
export interface Entry {
  readonly id: number;
  /** Names of System.Diagnostics.EventLogEntryType. */
  readonly type: 'Error' | 'Warning';
  readonly text: string;
}

/** Well below what an entry takes: 31,839 characters (learn.microsoft.com/dotnet/api/system.diagnostics.eventlog.writeentry). */
const TEXT_MAX = 16_000;

/** Null for what is as it should be: successes stay quiet. `alike`: how many like it were not written since the last one. */
export function entryOf(event: EventName, keys: LogKeys, alike: number): Entry | null {
  const { id, level, message, meaning, remedy } = eventOf(event);
  if (level === 'info') return null;
  const told = Object.entries(keys).map(([key, value]) => `${key}: ${spelled(value)}`);
  const paragraphs = [
    message,
    ...(told.length > 0 ? [told.join('\n')] : []),
    `What it means: ${meaning}.`,
    ...(remedy === null ? [] : [`What to do: ${remedy}.`]),
    ...(alike === 0 ? [] : [`${alike} more like it came before, and are in the log of the service.`]),
    event,
  ];
  const text = printed(paragraphs.join('\n\n')).slice(0, TEXT_MAX);
  return { id, type: level === 'error' ? 'Error' : 'Warning', text };
}

/** What JSON cannot say, as a bigint or a circle, is no reason to lose the entry. */
function spelled(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    return 'not to be spelled here';
  }
}

/** A percent sign before a number is a place to be filled in, to whoever shows the entry. Nothing in here is one. */
function printed(text: string): string {
  return text.replaceAll('%', '% ').replaceAll('\0', '');
}
