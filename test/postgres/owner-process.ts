/** Starts a server, says where it is, and waits to be killed. */
import { startPostgres } from './start.ts';

const server = await startPostgres();
process.stdout.write(`${JSON.stringify({ data: server.data, address: await server.database() })}\n`);
setInterval(() => undefined, 60_000);
