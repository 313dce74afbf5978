import { figure, rounded, type Figure } from './figure.ts';
import { measureInProcesses } from './processes.ts';

/** An identity of 8 bytes and a fingerprint of 8, an item id of 21, revision, state, and the key of the place. */
const BYTES_FLOOR = 41;

const arrangement =
  'the whole service (sync --once) in one process, the simulated tenant with every contact in another, HTTPS between them';

/** Size and memory with as many links as people x mailboxes. */
export async function benchSize(size: { people: number; mailboxes: number }): Promise<Figure[]> {
  const { service } = await measureInProcesses({ ...size, bare: false });
  const about = { ...size, links: service.contacts, seconds: Math.round(service.seconds), arrangement };
  return [
    figure({
      name: 'ledger file per link',
      unit: 'bytes',
      measured: rounded(service.ledgerBytes / service.contacts, 1),
      target: 96,
      floor: BYTES_FLOOR,
      with: { ...about, ledgerBytes: service.ledgerBytes },
    }),
    figure({
      name: 'peak memory of the service',
      unit: 'MiB of RSS',
      measured: Math.round(service.peakRssMiB),
      target: 400,
      floor: Math.round(service.idleRssMiB),
      with: { ...about, httpRequests: service.httpRequests },
      note: 'the floor is Node with the program loaded, before anything was opened',
    }),
  ];
}

/** CPU time of a fill against that of a loop which sends the same batches over the same transport. */
export async function benchCpu(size: { people: number; mailboxes: number }): Promise<Figure> {
  const { service, bare } = await measureInProcesses({ ...size, bare: true });
  if (!bare) throw new Error('the bare loop was not run');
  const perContact = (microseconds: number): number => microseconds / service.writes;
  const bareMicroseconds = perContact(bare.cpuMicroseconds);
  return figure({
    name: 'CPU per contact written, against a bare loop',
    unit: 'ratio',
    measured: rounded(perContact(service.cpuMicroseconds) / bareMicroseconds, 2),
    target: 3,
    floor: 1,
    with: {
      ...size,
      writes: service.writes,
      microseconds: rounded(perContact(service.cpuMicroseconds), 1),
      bareMicroseconds: rounded(bareMicroseconds, 1),
      bareWithoutJsonMicroseconds: rounded(perContact(bare.textCpuMicroseconds), 1),
      bareBatches: bare.batches,
      arrangement,
    },
    note: 'service: everything from the first token to the last commit; bare loop: the recorded batches from objects, answers parsed, both from a cold start',
  });
}
