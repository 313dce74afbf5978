import type { TestProject } from 'vitest/node';
import { startPostgres } from '../postgres/start.ts';

/** Every story has connections of its own to it, several of them at a time. */
const CONNECTIONS = 600;

/** One server for all stories of the distributed shape; each has a database of its own. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ settings: { max_connections: CONNECTIONS } });
  provide('postgres', server.address);
  return () => server.close();
}
