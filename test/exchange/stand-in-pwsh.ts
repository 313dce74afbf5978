/**
 * Stands in for PowerShell with the module ExchangeOnlineManagement: the same lines in and out as the real script, answered by
 * the endpoint of a simulated tenant. Writes down the arguments that it was started with.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CMDLETS } from '../tenant/exchange/known.ts';

interface Asked {
  readonly kind: 'connect' | 'cmdlets' | 'run';
  readonly token?: string;
  readonly cmdlet?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly value?: readonly Readonly<Record<string, unknown>>[];
  readonly '@odata.nextLink'?: string;
  readonly error?: { readonly message: string; readonly details: readonly { readonly message: string }[] };
}

const { STAND_IN_URL: url = '', STAND_IN_ARGUMENTS: file = '' } = process.env;
appendFileSync(file, `${process.argv.slice(2).join(' ')}\n`);
let token = '';

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked;
  process.stdout.write(`${JSON.stringify(await answered(asked))}\n`);
}

async function answered(asked: Asked): Promise<object> {
  if (asked.kind === 'connect') {
    token = asked.token ?? '';
    return { rows: [] };
  }
  if (asked.kind === 'cmdlets') return { rows: CMDLETS.map((exportedCmdlets) => ({ exportedCmdlets })) };
  // One that dies in the middle: what it was at is done, or not.
  if (asked.parameters?.['DisplayName'] === 'dies before') process.exit(1);
  const rows: unknown[] = [];
  for (let link: string | undefined = url; link !== undefined;) {
    const answer = await ask(link, asked);
    if (answer.error)
      return { type: 'System.Exception', error: answer.error.details[0]?.message ?? answer.error.message };
    rows.push(...(answer.value ?? []));
    link = answer['@odata.nextLink'];
  }
  return { rows };
}

async function ask(link: string, { cmdlet, parameters }: Asked): Promise<Answer> {
  const response = await fetch(link, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-anchormailbox': 'stand-in',
    },
    body: JSON.stringify({ CmdletInput: { CmdletName: cmdlet, Parameters: parameters } }),
  });
  return (await response.json()) as Answer;
}
