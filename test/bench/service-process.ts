import { statSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/kit/clock.ts';
import { loadConfig } from '../../src/kit/config/config.ts';
import { silentLog } from '../../src/kit/log.ts';
import { keepHeapSmall } from '../../src/kit/heap.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fetchTransport } from '../../src/kit/transport.ts';
import { LEDGER_FILE } from '../../src/run/files.ts';
import { openService } from '../../src/run/wire.ts';
import type { ServiceFigures } from './protocol.ts';

// As the command line does.
keepHeapSmall();
const idleRssMiB = process.memoryUsage.rss() / 2 ** 20;
const config = loadConfig(process.argv[2] ?? '', process.env);
const service = await openService(config, {
  clock: systemClock,
  random: systemRandom,
  transport: fetchTransport,
  log: silentLog,
  onProgress: ({ done, total }) => process.stderr.write(`  ${done} of ${total} contacts\n`),
});
const before = process.cpuUsage();
const { contacts, writes, httpRequests, seconds } = await service.syncOnce(new AbortController().signal);
const spent = process.cpuUsage(before);
await service.close();
const figures: ServiceFigures = {
  contacts,
  writes,
  httpRequests,
  seconds,
  cpuMicroseconds: spent.user + spent.system,
  peakRssMiB: process.resourceUsage().maxRSS / 1024,
  idleRssMiB,
  ledgerBytes: statSync(path.join(config.data, LEDGER_FILE)).size,
};
process.send?.(figures, () => process.exit(0));
