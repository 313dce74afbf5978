import { sessionOf } from './buckets.ts';
import { ANSWER_MS, BusHold, closeQuietly, type HoldOptions } from './hold.ts';
import { within } from './within.ts';

/** Accepts the session of a bucket. Throws what the client throws: it is held elsewhere, or the bus cannot be reached. */
export async function acceptBucket(options: HoldOptions): Promise<BusHold> {
  const { connection, queue, bucket, limits } = options;
  const receiver = await within(
    // One that is granted too late would be held by nobody.
    { limits, ms: ANSWER_MS, late: closeQuietly },
    connection.client().acceptSession(queue, sessionOf(bucket), { maxAutoLockRenewalDurationInMs: 0 }),
  );
  try {
    const found: unknown = await within({ limits, ms: ANSWER_MS }, receiver.getSessionState());
    return new BusHold(receiver, found, options);
  } catch (error) {
    closeQuietly(receiver);
    throw error;
  }
}
