import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Entry } from '../../src/kit/event-log-entry.ts';

const STAND_IN = new URL('./stand-in-event-log.ts', import.meta.url).pathname;

/** A program `pwsh` in a folder of its own, which writes the entries that it is told of beside itself. */
export class EventLogStage {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'contact-sync-event-log-'));
  readonly program = path.join(this.folder, 'pwsh');

  constructor() {
    writeFileSync(
      this.program,
      `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' '${this.folder}' "$@"\n`,
    );
    chmodSync(this.program, 0o755);
  }

  /** From its next line on. */
  behave(how: 'well' | 'refuse' | 'die' | 'hang'): void {
    for (const one of ['refuse', 'die', 'hang']) rmSync(path.join(this.folder, one), { force: true });
    if (how !== 'well') writeFileSync(path.join(this.folder, how), '');
  }

  entries(): readonly Entry[] {
    return this.#lines('entries.jsonl').map((line) => JSON.parse(line) as Entry);
  }

  /** The arguments of each start. */
  starts(): readonly string[] {
    return this.#lines('started.txt');
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #lines(name: string): string[] {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }
}
