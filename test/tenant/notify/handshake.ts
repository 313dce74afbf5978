import type { Clock } from '../../../src/kit/clock.ts';
import { uuid, type Random } from '../../../src/kit/random.ts';
import type { Transport } from '../../../src/kit/transport.ts';
import { Refusal } from '../http/call.ts';
import { postWithin } from './post.ts';

/** The receiver must answer within this time (learn.microsoft.com/graph/change-notifications-delivery-webhooks). */
const DEADLINE_MS = 10_000;

/** Proves that the URL is willing: it must echo a token that is hard to echo. Throws 400 when it does not. */
export async function demandHandshake(
  url: string,
  with_: { transport: Transport; clock: Clock; random: Random },
): Promise<void> {
  const id = uuid(with_.random);
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${id} a+b %2B %20 100% <i>&amp;=`;
  const { response } = await postWithin(
    { transport: with_.transport, clock: with_.clock, deadlineMs: DEADLINE_MS },
    {
      method: 'POST',
      url: `${url}${url.includes('?') ? '&' : '?'}validationToken=${encodeURIComponent(token)}`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    },
  );
  if (response === undefined) throw refused('The request timed out or was refused.');
  if (response.status !== 200) {
    throw refused(
      `HTTP status code is '${response.status}'. Notification endpoint must respond with 200 OK to validation request.`,
    );
  }
  if (!/^text\/plain\b/i.test(response.headers['content-type'] ?? ''))
    throw refused('Content type must be text/plain.');
  if (response.body !== token) throw refused('Response must exactly match validationToken query parameter.');
}

function refused(why: string): Refusal {
  return new Refusal(400, 'ValidationError', `Subscription validation request failed. ${why}`);
}
