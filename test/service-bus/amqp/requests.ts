import rhea, { type Message, type Sender } from 'rhea';
import { faultOf, statusOf } from './errors.ts';

/** A request to `$cbs` or `$management`: what to do stands in its application properties. */
export interface Request {
  readonly operation: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export function requestOf(message: Message): Request {
  const properties = (message['application_properties'] ?? {}) as Record<string, unknown>;
  return { operation: String(properties['operation']), properties, body: message['body'] };
}

/** Clients ask over one link and are answered over another of the same connection: the one that `reply_to` names. */
export class ReplyLinks {
  readonly #links = new Map<string, Sender>();

  add(sender: Sender): void {
    for (const key of keysOf(sender)) this.#links.set(key, sender);
  }

  remove(sender: Sender): void {
    for (const key of keysOf(sender)) if (this.#links.get(key) === sender) this.#links.delete(key);
  }

  /** Whoever cannot be answered any more is not. */
  send(request: Message, reply: Reply): void {
    this.#write(request, { status: reply.status, description: 'OK', condition: null, body: reply.body });
  }

  refuse(request: Message, error: unknown): void {
    const { condition, description } = faultOf(error);
    this.#write(request, { status: statusOf(error), description, condition, body: undefined });
  }

  /** Some clients read the names with a dash, some the others. */
  #write(
    request: Message,
    reply: { status: number; description: string; condition: string | null; body: unknown },
  ): void {
    const status = rhea.types.wrap_int(reply.status);
    const condition = reply.condition === null ? {} : { condition: rhea.types.wrap_symbol(reply.condition) };
    this.#links.get(String(request['reply_to']))?.send({
      correlation_id: request['message_id'],
      application_properties: {
        statusCode: status,
        'status-code': status,
        statusDescription: reply.description,
        'status-description': reply.description,
        ...('condition' in condition
          ? { errorCondition: condition.condition, 'error-condition': condition.condition }
          : {}),
      },
      body: reply.body ?? null,
    } as unknown as Message);
  }
}

/** A link's name and its target: the client names either in `reply_to`. */
function keysOf(sender: Sender): string[] {
  const address: unknown = sender.target?.address;
  return typeof address === 'string' && address !== '' ? [sender.name, address] : [sender.name];
}
