import { readFileSync } from 'node:fs';
import { fetchTransport } from '../../src/kit/transport.ts';
import { EXCHANGE_HEADER, type BareFigures } from './protocol.ts';

/** As many as the service may have in flight. */
const IN_FLIGHT = 64;
/** An access token is about as long. */
const TOKEN = 'x'.repeat(1_200);

const [origin, file] = process.argv.slice(2);
const texts = readFileSync(file ?? '', 'utf8').split('\n');
const batches = texts.map((text): unknown => JSON.parse(text));

async function sendAll(body: (index: number) => string, read: (text: string) => void): Promise<number> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < texts.length) {
      const index = next;
      next += 1;
      const answer = await fetchTransport({
        method: 'POST',
        url: `${origin}/v1.0/$batch`,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/json',
          [EXCHANGE_HEADER]: String(index),
        },
        body: body(index),
      });
      if (answer.status !== 200) throw new Error(`a recorded batch was answered ${answer.status}`);
      read(answer.body);
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

// The first pass is the one that finds everything cold, as the service did.
const cpuMicroseconds = await sendAll(
  (index) => JSON.stringify(batches[index]),
  (text) => void JSON.parse(text),
);
const textCpuMicroseconds = await sendAll(
  (index) => texts[index] ?? '',
  () => {},
);
const figures: BareFigures = { batches: texts.length, cpuMicroseconds, textCpuMicroseconds };
process.send?.(figures, () => process.exit(0));
