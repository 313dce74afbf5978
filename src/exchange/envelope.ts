import { field, list, text } from '../kit/json.ts';
import type { ExchangeAnswer } from './faults.ts';
import type { Command, Row } from './transport.ts';

/** The body of one `InvokeCommand`. */
export function commandBody({ cmdlet, parameters }: Command): object {
  return { CmdletInput: { CmdletName: cmdlet, Parameters: parameters } };
}

/** Several of them, each with all that a request of its own would have. Nothing is promised about their order. */
export function batchOf(
  commands: readonly Command[],
  { url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): object {
  return {
    requests: commands.map((command, index) => ({
      id: String(index + 1),
      method: 'POST',
      url,
      headers: { ...headers, 'x-cmdletname': command.cmdlet },
      body: commandBody(command),
    })),
  };
}

/** The answers of a batch in the order of its commands, undefined for a part without one; undefined where there is no list of them. */
export function answersOf(
  { body }: ExchangeAnswer,
  count: number,
): readonly (ExchangeAnswer | undefined)[] | undefined {
  const responses = list(body, 'responses');
  if (responses === undefined) return undefined;
  const byId = new Map(responses.map((one) => [String(field(one, 'id')), partOf(one)]));
  return Array.from({ length: count }, (_, index) => byId.get(String(index + 1)));
}

function partOf(part: unknown): ExchangeAnswer {
  const body = field(part, 'body');
  const headers = Object.entries(field(part, 'headers') ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return {
    status: Number(field(part, 'status')),
    headers: Object.fromEntries(headers),
    body,
    text: typeof body === 'string' ? body : JSON.stringify(body ?? ''),
  };
}

/** The rows of a page; undefined where the answer has none, which is not the same as an empty page. */
export function rowsOf({ body }: ExchangeAnswer): Row[] | undefined {
  return list(body, 'value')?.map(plain);
}

/** Properties whose names contain an @ are notes about others. */
function plain(row: unknown): Row {
  return Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !name.includes('@')));
}

export function nextPage({ body }: ExchangeAnswer): string | undefined {
  return text(body, '@odata.nextLink') ?? undefined;
}
