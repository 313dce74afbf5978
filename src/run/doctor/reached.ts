import { lostConnection } from '../../graph/lost-connection.ts';
import { withDeadline } from '../../kit/deadline.ts';
import type { HttpResponse } from '../../kit/transport.ts';
import { Fault } from '../../model/fault.ts';
import type { Surroundings } from '../service.ts';

const WITHIN_MS = 10_000;

/** What stands at an address that anybody may read. Throws `unavailable`, with the code of Node's, where nothing answers. */
export async function reached(
  url: string,
  { transport, clock }: Pick<Surroundings, 'transport' | 'clock'>,
): Promise<HttpResponse> {
  try {
    return await withDeadline(clock, WITHIN_MS, (signal) =>
      transport({ method: 'GET', url, headers: {}, signal }),
    );
  } catch (error) {
    const { code } = lostConnection('GET', error);
    const details = code === undefined ? {} : { code };
    throw new Fault('unavailable', `${new URL(url).origin} cannot be reached`, details);
  }
}
