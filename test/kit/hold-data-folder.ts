import { openDataFolder } from '../../src/kit/data-folder.ts';
import { systemRandom } from '../../src/kit/random.ts';

// A process that opens the folder named on its command line, says so, and keeps it until it is killed.
const folder = openDataFolder({
  path: process.argv[2] ?? '',
  deployment: null,
  fingerprintKey: null,
  random: systemRandom,
});
process.stdout.write(`${folder.deployment}\n`);
setInterval(() => {}, 60_000);
