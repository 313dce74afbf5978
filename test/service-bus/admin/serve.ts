import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { may } from '../access/rights.ts';
import type { Face } from '../amqp/face.ts';
import { Refusal } from '../queue/refusal.ts';
import { entryOf, errorOf, feedOf, settingsOf } from './atom.ts';

const LIST = '$Resources/Queues';
/** The service's own (learn.microsoft.com/rest/api/servicebus/list-queues). */
const PAGE = 100;
/** A lock longer than this is refused (Microsoft.ServiceBus namespaces/queues, `lockDuration`). */
const LOCK_MAX_MS = 5 * 60_000;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The Atom face for whoever creates, reads, lists and deletes queues; with tokens of those who may manage. */
export function administration(face: Face): RequestListener {
  return (incoming, outgoing) => {
    void exchange(face, incoming, outgoing);
  };
}

async function exchange(face: Face, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  if (face.faults.slowMs > 0) await face.clock.sleep(face.faults.slowMs);
  const { status, body } = attempt(face, incoming, Buffer.concat(chunks).toString('utf8'));
  outgoing.writeHead(status, { 'content-type': 'application/atom+xml;charset=utf-8' }).end(body);
}

function attempt(face: Face, incoming: IncomingMessage, body: string): Answer {
  const origin = `https://${incoming.headers.host ?? 'localhost'}`;
  const url = new URL(incoming.url ?? '/', origin);
  const path = decodeURIComponent(url.pathname.slice(1));
  try {
    authorize(face, incoming, { url, path });
    face.faults.strike('manage');
    if (path === LIST) return list(face, url);
    if (incoming.method === 'GET') return get(face, path, origin);
    if (incoming.method === 'DELETE') return remove(face, path);
    if (incoming.method === 'PUT')
      return put(face, { path, origin, body, isUpdate: incoming.headers['if-match'] !== undefined });
    return failed(405, 'The double does not know this method.');
  } catch (error) {
    if (!(error instanceof Refusal)) return failed(400, String(error));
    return failed(error.kind === 'unauthorized' ? 401 : error.kind === 'busy' ? 503 : 409, error.message);
  }
}

/** Throws `unauthorized`. */
function authorize(face: Face, incoming: IncomingMessage, asked: { url: URL; path: string }): void {
  const header = incoming.headers.authorization ?? '';
  face.faults.strikeToken();
  const bearer = /^Bearer (.+)$/i.exec(header)?.[1];
  const claim =
    bearer === undefined
      ? face.check(header, 'servicebus.windows.net:sastoken', asked.url.href)
      : face.check(bearer, 'jwt', asked.url.href);
  if (!may(claim.rights, asked.path, 'manage'))
    throw new Refusal(
      'unauthorized',
      `SubCode=40100. Unauthorized : 'Manage' claim is required for '${asked.path}'.`,
    );
}

function list({ namespace }: Face, url: URL): Answer {
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const top = Number(url.searchParams.get('$top') ?? PAGE);
  const queues = namespace.queues();
  const entries = queues
    .slice(skip, skip + top)
    .map((queue) => entryOf({ queue, createdAt: namespace.createdAt(queue.name), origin: url.origin }));
  const next = skip + top < queues.length ? `${url.origin}/${LIST}?$skip=${skip + top}&$top=${top}` : null;
  return { status: 200, body: feedOf(entries, url.origin, next) };
}

/** For a queue that is not there the service answers with an empty feed, which the SDK reads as "not found". */
function get({ namespace }: Face, path: string, origin: string): Answer {
  if (!namespace.has(path)) return { status: 200, body: feedOf([], origin, null) };
  return {
    status: 200,
    body: entryOf({ queue: namespace.find(path), createdAt: namespace.createdAt(path), origin }),
  };
}

function put(
  { namespace }: Face,
  { path, origin, body, isUpdate }: { path: string; origin: string; body: string; isUpdate: boolean },
): Answer {
  if (isUpdate) return failed(501, 'The double does not change queues.');
  const settings = settingsOf(body);
  if ((settings.lockDurationMs ?? 0) > LOCK_MAX_MS)
    return failed(400, 'SubCode=40000. The supplied lock time exceeds the allowed maximum of 5 minutes.');
  const queue = namespace.create(path, settings);
  return { status: 201, body: entryOf({ queue, createdAt: namespace.createdAt(path), origin }) };
}

function remove({ namespace }: Face, path: string): Answer {
  return namespace.delete(path)
    ? { status: 200, body: '' }
    : failed(404, `SubCode=40400. Not Found. Entity '${path}' could not be found.`);
}

function failed(status: number, detail: string): Answer {
  return { status, body: errorOf(status, detail) };
}
