import type { AuditReport } from '../../src/run/audit-report.ts';
import type { SweepReport, SyncReport } from '../../src/run/service.ts';
import type { Status } from '../../src/run/status-report.ts';
import type { Installation } from './installation.ts';
import type { Ended } from './program.ts';

interface WithCode {
  readonly code: number | null;
}

/** The commands with `--json`, as a pipeline would read them: their document and their exit code. */
export async function sync(on: Installation): Promise<SyncReport & WithCode> {
  const ended = await on.run('sync', '--once', '--json');
  return { ...(documentOf(ended) as SyncReport), code: ended.code };
}

export async function sweep(on: Installation): Promise<SweepReport & WithCode> {
  const ended = await on.run('sweep', '--json');
  return { ...(documentOf(ended) as SweepReport), code: ended.code };
}

export async function audit(on: Installation, ...args: string[]): Promise<AuditReport & WithCode> {
  const ended = await on.run('audit', '--json', ...args);
  return { ...(documentOf(ended) as AuditReport), code: ended.code };
}

export async function status(on: Installation): Promise<Status & WithCode> {
  const ended = await on.run('status', '--json');
  return { ...(documentOf(ended) as Status), code: ended.code };
}

export async function approve(on: Installation): Promise<{ readonly released: number } & WithCode> {
  const ended = await on.run('approve', '--json');
  return { ...(documentOf(ended) as { released: number }), code: ended.code };
}

/** The one document that a command printed. Throws when there is none, or anything else. */
export function documentOf({ code, stdout, stderr }: Ended): unknown {
  if (/^\{.*\}\n$/.test(stdout)) return JSON.parse(stdout);
  throw new Error(
    `Not one document on one line (exit code ${code}): ${stdout.slice(0, 500)}\n${stderr.slice(-2_000)}`,
  );
}
