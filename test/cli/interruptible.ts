import { setTimeout as nap } from 'node:timers/promises';
import { execute } from '../../src/cli/program.ts';
import { fakeWorld } from './fake-world.ts';

// The real command line and the real signals of this process around a service that only waits. With `deaf`
// it ignores the request to stop, as one that hangs would.
const [config = '', deaf] = process.argv.slice(2);
const { world } = fakeWorld({
  run: async (signal) => {
    process.stdout.write('running\n');
    while (!signal.aborted) await nap(20);
    if (deaf === 'deaf') await nap(60_000);
    process.stdout.write('drained\n');
  },
});
const { stdout, stderr } = process;
const code = await execute(['run', '--config', config], {
  ...world,
  stdout,
  stderr,
  signals: process,
  exit: (now) => process.exit(now),
});
process.exit(code);
