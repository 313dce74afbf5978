import manifest from '../../package.json' with { type: 'json' };
import { systemClock } from '../kit/clock.ts';
import { converse } from '../kit/converse.ts';
import { systemRandom } from '../kit/random.ts';
import { errorCode } from '../kit/errno.ts';
import { keepHeapSmall } from '../kit/heap.ts';
import { isJournal, withPriority } from '../kit/journal.ts';
import { createLog, standardError } from '../kit/log.ts';
import { isTracingAsked } from '../kit/tracing.ts';
import { powershell } from '../kit/powershell.ts';
import { fetchTransport } from '../kit/transport.ts';
import { createWindowsEventLog } from '../kit/windows-event-log.ts';
import { spawnDemo } from './demo.ts';
import { EXIT } from './exit-code.ts';
import { execute } from './program.ts';
import { askAtTerminal, confirmAtTerminal } from './terminal.ts';
import type { World } from './world.ts';

/** Runs the command line of this process, and ends the process with the exit code. */
export async function start(): Promise<void> {
  keepHeapSmall();
  // Ledger, queues and keys are for the user of the service alone, whatever the system's default is.
  process.umask(0o077);
  // A reader that has seen enough ("status | head") is no failure.
  process.stdout.on('error', (fault) => process.exit(errorCode(fault) === 'EPIPE' ? EXIT.fine : EXIT.failed));
  const journal = isJournal(process.env['JOURNAL_STREAM'], process.stderr.fd);
  const openLog: World['openLog'] = (level, also) =>
    createLog(level, journal ? withPriority(standardError()) : standardError(), also);
  const complain = (reason: string): void => {
    const log = openLog('warn');
    log.tell('event-log-unavailable', { reason });
  };
  const code = await execute(process.argv.slice(2), {
    version: manifest.version,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    openLog,
    openEventLog: () =>
      createWindowsEventLog({ converse, program: powershell(), clock: systemClock, complain }),
    isJournal: journal,
    openTracing: async (log) => {
      if (!isTracingAsked(process.env)) return null;
      const { openTracing } = await import('../run/tracing/open-telemetry.ts');
      return openTracing({ env: process.env, version: manifest.version, clock: systemClock, log });
    },
    ...(process.stdin.isTTY ? { confirm: confirmAtTerminal, ask: askAtTerminal } : {}),
    exit: (now) => process.exit(now),
    clock: systemClock,
    random: systemRandom,
    transport: fetchTransport,
    loadRun: () => import('../run/wire.ts'),
    loadReceiver: () => import('../run/receiver-service.ts'),
    runDemo: spawnDemo,
  });
  // A pipe may still be taking in a long document; connections kept alive must not delay the end.
  process.stdout.write('', () => process.exit(code));
}
