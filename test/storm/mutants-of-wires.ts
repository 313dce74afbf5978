import type { HttpResponse, Transport } from '../../src/kit/transport.ts';
import { makeClientState } from '../../src/model/client-state.ts';
import type { Mutant } from './mutants.ts';
import { CLIENT_STATE_KEY } from './world.ts';

interface Part {
  id: string;
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

interface Asked {
  id: string;
  method: string;
  url: string;
  body?: Record<string, unknown>;
}

/** Contact writes; what else a batch carries is left as it is. */
const CONTACT_WRITE = /\/contacts(\/|$)/;

/** An answer to every contact write that says it worked. */
function success(asked: Asked, number: number): Part {
  const removed = asked.url.endsWith('/permanentDelete');
  const id = /\/contacts\/([^/?]+)/.exec(asked.url)?.[1] ?? `made-up-${number}`;
  return removed
    ? { id: asked.id, status: 204 }
    : {
        id: asked.id,
        status: asked.method === 'POST' ? 201 : 200,
        body: { ...asked.body, id: decodeURIComponent(id) },
      };
}

function isWrite({ method, url }: Asked): boolean {
  return method !== 'GET' && CONTACT_WRITE.test(url);
}

/** Lets `change` rewrite the answers of batches. */
function onBatches(change: (asked: Asked[], parts: Part[], response: HttpResponse) => Part[] | null) {
  return (transport: Transport): Transport =>
    async (request) => {
      const response = await transport(request);
      if (!request.url.endsWith('/$batch') || request.body === undefined) return response;
      const asked = (JSON.parse(request.body) as { requests: Asked[] }).requests;
      const parts = partsOf(response);
      const changed = change(asked, parts, response);
      return changed === null
        ? response
        : {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ responses: changed }),
          };
    };
}

function partsOf({ status, body }: HttpResponse): Part[] {
  if (status !== 200) return [];
  try {
    return (JSON.parse(body) as { responses?: Part[] }).responses ?? [];
  } catch {
    return [];
  }
}

/** A part of a batch counts as done whatever its status says. */
export const subStatusIgnored: Mutant = {
  name: 'sub-status ignored',
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1, throttleInside: 0.2, conflict412: 0.1 } },
  transport: onBatches((asked, parts) =>
    parts.map((part) => {
      const one = asked.find(({ id }) => id === part.id);
      return part.status >= 400 && one && isWrite(one) ? success(one, asked.indexOf(one)) : part;
    }),
  ),
};

/** A batch that fails as a whole counts as done. */
export const wholeBatchErrorIgnored: Mutant = {
  name: 'whole-batch error ignored',
  near: 2,
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1, throttleOutside: 0.2, unavailable503: 0.2 } },
  transport: onBatches((asked, _, response) =>
    response.status < 400 || !asked.every(isWrite) ? null : asked.map((one, number) => success(one, number)),
  ),
};

/** A part without an answer counts as done. */
export const missingIsSuccess: Mutant = {
  name: 'missing id taken for success',
  near: 3,
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1, missingSubResponse: 0.3 } },
  transport: onBatches((asked, parts, response) => {
    if (response.status !== 200 || parts.length === 0) return null;
    const missing = asked.filter((one) => isWrite(one) && !parts.some(({ id }) => id === one.id));
    return [...parts, ...missing.map((one) => success(one, asked.indexOf(one)))];
  }),
};

/** Whoever asks to wait is asked again after a second. */
export const retryAfterIgnored: Mutant = {
  name: 'Retry-After ignored',
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1, throttleInside: 0.2 } },
  transport: onBatches((_, parts) => parts.map((part) => waiting(part, () => '0.2'))),
};

/** Where a mailbox names several times, the shortest counts. */
export const shorterRetryAfterWins: Mutant = {
  name: 'Retry-After overwritten by a shorter one',
  mode: 'A',
  plan: { crash: 0, faults: { notificationLost: 1, throttleInside: 0.4 } },
  transport: onBatches((asked, parts) => {
    const shortest = new Map<string, number>();
    const mailboxOf = (part: Part): string =>
      /^\/users\/([^/]+)\//.exec(asked.find(({ id }) => id === part.id)?.url ?? '')?.[1] ?? '';
    for (const part of parts) {
      const seconds = Number(headerOf(part));
      if (seconds > 0)
        shortest.set(mailboxOf(part), Math.min(seconds, shortest.get(mailboxOf(part)) ?? seconds));
    }
    return parts.map((part) => waiting(part, (old) => String(shortest.get(mailboxOf(part)) ?? old)));
  }),
};

function headerOf(part: Part): string | undefined {
  return Object.entries(part.headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
}

function waiting(part: Part, header: (old: string) => string): Part {
  const name = Object.keys(part.headers ?? {}).find((one) => one.toLowerCase() === 'retry-after');
  return name === undefined
    ? part
    : { ...part, headers: { ...part.headers, [name]: header(part.headers?.[name] ?? '') } };
}

/** Nobody looks at the client state: as if each notification bore the right one. */
export const forgeriesBelieved: Mutant = {
  name: 'no authentication',
  mode: 'C',
  plan: { crash: 0, faults: { notificationForged: 0.6 } },
  delivery: (deliver, tenant) => (request) => {
    if (!request.url.endsWith('/notifications') || request.body === undefined) return deliver(request);
    const { tenantId } = tenant();
    const post = JSON.parse(request.body) as { value: Record<string, unknown>[] };
    const value = post.value.map((item) => {
      const resource = String(item['resource']).toLowerCase().startsWith('groups') ? 'groups' : 'users';
      const clientState = makeClientState({
        kind: 'notification',
        resource,
        nonce: 'n',
        tenantId,
        key: CLIENT_STATE_KEY,
      });
      return { ...item, tenantId, clientState };
    });
    return deliver({ ...request, body: JSON.stringify({ value }) });
  },
};

/** No write says what it was looked at as. */
export function withoutTags(transport: Transport): Transport {
  return (request) => {
    if (request.body === undefined || !request.url.endsWith('/$batch')) return transport(request);
    const { requests } = JSON.parse(request.body) as {
      requests: readonly { headers?: Record<string, string> }[];
    };
    const untagged = requests.map(({ headers = {}, ...call }) => {
      const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'if-match');
      return kept.length > 0 ? { ...call, headers: Object.fromEntries(kept) } : call;
    });
    return transport({ ...request, body: JSON.stringify({ requests: untagged }) });
  };
}

/** Neither those who look nor those who read a contact for the others are told. */
export function withoutPrivacy(transport: Transport): Transport {
  return async (request) => {
    const answer = await transport(request);
    const body = answer.body
      .replaceAll(/"categories":\[[^\]]*\]/g, '"categories":[]')
      .replaceAll(/("id":"Integer 0x36","value":")\d+"/gi, '$10"');
    return { ...answer, body };
  };
}
