import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the part of V8's heap where objects are born at its first size, for all threads. Left alone it grows to 128 MiB
 * under a first fill, of which a third is ever used at a time: 425 MiB of peak memory instead of 296, for the same CPU
 * time (measured with Node 24.21, 100,000 contacts). Must be called before the heap has grown.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
