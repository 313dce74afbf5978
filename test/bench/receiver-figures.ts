import { availableParallelism } from 'node:os';
import { figure, rounded, type Figure } from './figure.ts';
import { benchReceiver } from './receiver.ts';

const NO_COMPILER = 'needs Linux and a C compiler: fsyncs are counted, and slowed down, in the system call';
const UNBALANCED = 'void: notifications sent, acknowledged and stored do not add up';

/** Three figures of one run: they share its servers and its load. */
export async function benchReceiverFigures(): Promise<Figure[]> {
  const figures = await benchReceiver();
  const { connections, ratio, ratioQuartiles, fsyncsPerNotification, slow, balanced, counted } = figures;
  const shared = { connections, synchronous: 'FULL', cores: availableParallelism() };
  const voided = balanced ? {} : { note: UNBALANCED };
  const made = [
    figure({
      name: 'receiver, share of a bare node:http server',
      unit: 'ratio',
      measured: rounded(ratio, 3),
      target: 0.5,
      floor: 1,
      best: 'high',
      with: {
        ...shared,
        quartiles: ratioQuartiles.map((quartile) => quartile.toFixed(3)).join(' to '),
        perSecond: Math.round(figures.perSecond),
        barePerSecond: Math.round(figures.barePerSecond),
      },
      ...voided,
    }),
    figure({
      name: 'receiver, fsyncs a notification',
      unit: 'fsyncs',
      measured: rounded(fsyncsPerNotification, 4),
      target: 0.04,
      floor: rounded(1 / connections, 4),
      with: { ...shared, counted },
      ...(counted === 'fsync'
        ? voided
        : { note: `commits were counted, without checkpoints; ${NO_COMPILER}` }),
    }),
    figure({
      name: 'receiver, p99 with 2 ms added to every fsync',
      unit: 'ms',
      measured: slow === null ? null : rounded(slow.p99Ms, 1),
      target: 100,
      // What arrives just after a commit began waits for that one and for its own.
      floor: 4,
      with: {
        ...shared,
        ...(slow === null
          ? {}
          : {
              perSecond: Math.round(slow.perSecond),
              longestMs: rounded(slow.maxMs, 1),
              postOfThousandMs: Math.round(slow.thousandMs),
            }),
      },
      ...(slow === null ? { note: NO_COMPILER } : voided),
    }),
  ];
  return made.map((one) => ({ ...one, reached: one.reached && balanced }));
}
