import { parentPort, workerData } from 'node:worker_threads';
import { takeLink } from '../../src/dashboard/links.ts';

export interface Race {
  readonly links: readonly { readonly folder: string; readonly code: string }[];
  /** How many stand ready for each link. */
  readonly ready: Int32Array;
  readonly takers: number;
  readonly now: number;
}

/** Takes one link after the other, each at the moment at which the others take it. */
const { links, ready, takers, now } = workerData as Race;
const taken = links.map(({ folder, code }, at) => {
  Atomics.add(ready, at, 1);
  while (Atomics.load(ready, at) < takers);
  return takeLink(folder, code, now);
});
parentPort?.postMessage(taken);
