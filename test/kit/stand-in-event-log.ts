/**
 * Stands in for PowerShell in front of an Event Log: the entries of a folder's file, as JSON lines. A file there says how it
 * behaves: `refuse` (as where the source is not registered), `die` (before it answers), `hang` (never answers).
 */
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const [folder = '', ...args] = process.argv.slice(2);
const is = (what: string): boolean => existsSync(path.join(folder, what));
appendFileSync(path.join(folder, 'started.txt'), `${args.join(' ')}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  if (is('die')) process.exit(1);
  if (is('hang')) return;
  if (is('refuse')) return void process.stdout.write('{"error":"SecurityException"}\n');
  appendFileSync(path.join(folder, 'entries.jsonl'), `${line}\n`);
  process.stdout.write('{}\n');
});
