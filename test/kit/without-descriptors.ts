import { closeSync, openSync } from 'node:fs';
import { converse } from '../../src/kit/converse.ts';

/** Holds every descriptor that the process may have, and then converses: prints why it could not, and what was heard of it. */
const held: number[] = [];
let why = '';
try {
  for (;;) held.push(openSync('/dev/null', 'r'));
} catch (error) {
  why = error instanceof Error && 'code' in error ? String(error.code) : '';
}
const listening = {
  onLine: (): void => {},
  onEnd: (end: string): void => {
    for (const descriptor of held) closeSync(descriptor);
    process.stdout.write(`${why} ${end}\n`);
  },
};
converse({ file: process.execPath, args: ['--version'] }, listening).say('{}');
