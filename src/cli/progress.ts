import type { Clock } from '../kit/clock.ts';
import type { Progress } from '../run/service.ts';
import { count } from '../kit/counted.ts';
import type { Output } from './world.ts';

export interface ProgressDisplay {
  report(progress: Progress): void;
  /** Leaves the terminal on a fresh line. */
  end(): void;
}

const BAR_WIDTH = 30;
/** Ten pictures a second look smooth; a plain log wants a line now and then. */
const REDRAW_MS = 100;
const LINE_MS = 5000;

/** A bar that redraws itself on a terminal; elsewhere one plain line about every 5 seconds, and one at the end of a phase. */
export function showProgress(output: Output, clock: Clock): ProgressDisplay {
  const onTerminal = output.isTTY === true;
  const pauseMs = onTerminal ? REDRAW_MS : LINE_MS;
  let shown: Progress | undefined;
  let shownAt = -Infinity;
  let since = clock.now();

  return {
    report(progress) {
      const now = clock.now();
      const fresh = progress.phase !== shown?.phase;
      const complete = progress.done >= progress.total;
      const told = !fresh && shown !== undefined && shown.done >= shown.total && complete;
      if (told || (!fresh && !complete && now - shownAt < pauseMs)) return;
      if (fresh) {
        if (onTerminal && shown !== undefined) output.write('\n');
        since = now;
      }
      [shown, shownAt] = [progress, now];
      output.write(onTerminal ? `\r${bar(progress, now - since)}\u001b[K` : `${line(progress)}\n`);
    },
    end() {
      if (onTerminal && shown !== undefined) output.write('\n');
      shown = undefined;
    },
  };
}

function line({ phase, done, total }: Progress): string {
  return `${phase}: ${count(done)} of ${count(total)} (${percent(done, total)} %)`;
}

function bar(progress: Progress, elapsedMs: number): string {
  const { phase, done, total } = progress;
  const full = total === 0 ? BAR_WIDTH : Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
  const picture = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
  return `${phase.padEnd(9)} ${picture} ${percent(done, total)} %  ${count(done)} of ${count(total)}${left(progress, elapsedMs)}`;
}

/** A guess from the pace so far; none before there is a pace. */
function left({ done, total }: Progress, elapsedMs: number): string {
  if (done === 0 || done >= total || elapsedMs < 2000) return '';
  const seconds = Math.ceil(((total - done) / done) * (elapsedMs / 1000));
  return seconds < 90 ? `  ${seconds} s left` : `  ${Math.round(seconds / 60)} min left`;
}

/** Rounded down, so that 100 means all. */
function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
}
