import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fetchTransport } from '../../src/kit/transport.ts';

/** Answers everything with NUL bytes that claim to be gzip, as the endpoint does for a cmdlet that the app may not run. */
async function answered(status: number): Promise<ReturnType<typeof fetchTransport>> {
  const server = createServer((_request, response) =>
    response.writeHead(status, { 'content-encoding': 'gzip' }).end(Buffer.alloc(64)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await fetchTransport({ method: 'POST', url: `http://127.0.0.1:${port}/`, headers: {} });
  } finally {
    server.close();
  }
}

test('a refusal whose body cannot be decoded is still a refusal', async () => {
  await expect(answered(403)).resolves.toMatchObject({ status: 403, body: '' });
});

test('a success whose body cannot be decoded says nothing about what was done', async () => {
  await expect(answered(200)).rejects.toThrow();
});
