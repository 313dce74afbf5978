import { connect, type Socket } from 'node:net';
import { renumberedPost } from './receiver-post.ts';

/** A closed loop of keep-alive connections, one post under way on each. */
export interface Slice {
  readonly port: number;
  readonly ms: number;
  readonly connections: number;
}

export interface SliceFigures {
  readonly accepted: number;
  readonly refused: number;
  /** Answers within the slice, per second; what was still under way at its end is accepted, but not counted here. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const pools = new Map<number, Socket[]>();
const numbered = renumberedPost();
let sent = 0;

async function pool({ port, connections }: Slice): Promise<Socket[]> {
  const open = pools.get(port) ?? [];
  pools.set(port, open);
  while (open.length < connections) {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    open.push(socket);
  }
  return open;
}

async function run(slice: Slice): Promise<SliceFigures> {
  const sockets = await pool(slice);
  const tookMs: number[] = [];
  let accepted = 0;
  let refused = 0;
  const start = performance.now();
  const end = start + slice.ms;
  const loop = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      let sentAt = 0;
      const next = (): void => {
        sentAt = performance.now();
        socket.write(numbered((sent += 1)));
      };
      const answered = (bytes: Buffer): void => {
        const now = performance.now();
        if (bytes.toString('latin1', 9, 12) === '202') accepted += 1;
        else refused += 1;
        if (now < end) {
          tookMs.push(now - sentAt);
          next();
        } else {
          socket.off('data', answered);
          resolve();
        }
      };
      socket.on('data', answered);
      next();
    });
  await Promise.all(sockets.map(loop));
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.floor(tookMs.length * share)] ?? 0;
  return {
    accepted,
    refused,
    perSecond: tookMs.length / (slice.ms / 1_000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: tookMs.at(-1) ?? 0,
  };
}

process.on('message', (slice: Slice) => void run(slice).then((figures) => process.send?.(figures)));
process.on('disconnect', () => process.exit(0));
