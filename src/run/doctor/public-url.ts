import { withDeadline } from '../../kit/deadline.ts';
import { lostConnection } from '../../graph/lost-connection.ts';
import type { NotificationsConfig } from '../../kit/config/config.ts';
import { errorCode } from '../../kit/errno.ts';
import { lookAtTls } from '../../kit/tls-look.ts';
import type { HttpResponse } from '../../kit/transport.ts';
import type { Fault } from '../../model/fault.ts';
import type { Surroundings } from '../service.ts';
import { failed, skipped, warning, well, type Check, type Examined, type Look } from './check.ts';
import { standIn } from './stand-in.ts';

const NO_NOTIFICATIONS = 'there are no notifications: changes are asked for';
/** Graph waits so long for the answer to a handshake. */
const WITHIN_MS = 10_000;
/** The shipped Caddyfile looks every two seconds whether a receiver is there. */
const NOTICED_WITHIN_MS = 6_000;
const AGAIN_MS = 500;
const DAY_MS = 86_400_000;
/** Certificates of Let's Encrypt are renewed 30 days before their end: two weeks later something is wrong. */
const WARNING_DAYS = 14;
const PROXY_PAGE = 'deploy/README.md, "A proxy in front"';

/** By what Node says of a chain. */
const CHAIN: Readonly<Record<string, { readonly found: string; readonly remedy: string }>> = {
  CERT_HAS_EXPIRED: {
    found: 'the certificate of the proxy has expired',
    remedy: 'renew it, and see why it was not renewed by itself',
  },
  CERT_NOT_YET_VALID: {
    found: 'the certificate of the proxy is not valid yet',
    remedy: 'see whether the clock of this machine is right',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    found: 'the certificate of the proxy is for another host name',
    remedy: 'get one for the host of publicUrl, or correct publicUrl',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    found: 'the proxy shows its own certificate alone, or its authority is not a public one',
    remedy: 'give it the whole chain (fullchain.pem, not cert.pem), from an authority that everybody trusts',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    found: 'the certificate of the proxy is self-signed, and Graph does not believe it',
    remedy: "get one from a public authority such as Let's Encrypt",
  },
};
const UNTRUSTED = {
  found: 'the authority of the certificate is not a public one, and Graph does not believe it',
  remedy: "get a certificate from a public authority such as Let's Encrypt",
};

/** Graph believes public authorities alone, and speaks TLS 1.2 and newer. */
export const tls: Check<Examined> = {
  name: 'tls chain',
  needs: ['clientState'],
  look: async ({ config: { notifications }, surroundings }) => {
    if (notifications === null) return [skipped(NO_NOTIFICATIONS)];
    const url = new URL(notifications.publicUrl);
    if (url.protocol !== 'https:')
      return [skipped('publicUrl is http on this machine, which is for tests alone')];
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(url.port || 443);
    const { clock } = surroundings;
    try {
      const shown = await withDeadline(clock, WITHIN_MS, (signal) => lookAtTls(host, port, signal));
      return [judge(shown, clock.now())];
    } catch (error) {
      return [unreachable(url.origin, lostConnection('GET', error))];
    }
  },
};

function judge(
  { refusal, protocol, ends, isPublic }: Awaited<ReturnType<typeof lookAtTls>>,
  now: number,
): Look {
  if (refusal !== null) {
    const { found, remedy } = CHAIN[refusal] ?? UNTRUSTED;
    return failed({ found: `${found} (${refusal})`, remedy });
  }
  const days = Math.floor((ends - now) / DAY_MS);
  const until = new Date(ends).toISOString().slice(0, 10);
  if (!isPublic)
    return warning({
      found:
        'the chain ends at an authority that this machine was told to trust (NODE_EXTRA_CA_CERTS); Graph was not',
      remedy: UNTRUSTED.remedy,
    });
  if (days < WARNING_DAYS)
    return warning({
      found: `the certificate of the proxy ends on ${until}, in ${days} days`,
      remedy: 'see why it is not renewed by itself',
    });
  return well(`${protocol}; until ${until}, ${days} days`);
}

/** Codes of Node's for a chain that it does not believe. */
const NOT_BELIEVED = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/;

function unreachable(origin: string, { code = 'no answer' }: Fault): Look {
  if (NOT_BELIEVED.test(code))
    return failed({
      found: `the certificate of ${origin} is not believed (${code})`,
      remedy: 'see the check "tls chain"',
    });
  return failed({
    found: `nothing answers at ${origin} (${code})`,
    remedy: `check the name in the DNS, the firewall, and that the proxy runs (${PROXY_PAGE}); where this machine cannot go out and in again, run doctor elsewhere`,
  });
}

/** What Graph does before it makes a subscription: both paths send the token back as it came. */
export const handshake: Check<Examined> = {
  name: 'handshake',
  needs: ['clientState'],
  look: async ({ config: { notifications }, role, surroundings }) => {
    if (notifications === null) return [skipped(NO_NOTIFICATIONS)];
    // A keeper on a machine of its own must not answer in the receivers' place.
    const receives = role === 'all' || role === 'receiver';
    let stand: Awaited<ReturnType<typeof standIn>> = null;
    try {
      if (receives) stand = await standIn(notifications.listen);
    } catch (error) {
      const { host, port } = notifications.listen;
      return [
        failed({
          found: `the receiver cannot listen on ${host}:${port} (${errorCode(error)})`,
          remedy: 'correct notifications.listen: an address of this machine, and a port from 1024 on',
        }),
      ];
    }
    const until = surroundings.clock.now() + (stand === null ? 0 : NOTICED_WITHIN_MS);
    try {
      const looks: Look[] = [];
      for (const name of ['notifications', 'lifecycle'])
        looks.push(await shake(name, notifications, { surroundings, stand, until }));
      return looks;
    } finally {
      await stand?.close();
    }
  },
};

interface Shaking {
  readonly surroundings: Surroundings;
  readonly stand: Awaited<ReturnType<typeof standIn>>;
  /** So long (milliseconds since 1970) a proxy may take to see that somebody listens. */
  readonly until: number;
}

async function shake(
  about: string,
  { publicUrl }: NotificationsConfig,
  { surroundings, stand, until }: Shaking,
): Promise<Look> {
  const { clock, random, transport } = surroundings;
  // Whatever decodes it twice, or not at all, shows.
  const token = `doctor: ${Buffer.from(random.bytes(12)).toString('base64url')} +%2B&=/`;
  const url = `${publicUrl}/${about}?validationToken=${encodeURIComponent(token)}`;
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const ask = (): Promise<HttpResponse> =>
    withDeadline(clock, WITHIN_MS, (signal) => transport({ method: 'POST', url, headers, body: '', signal }));
  let startedAt = clock.now();
  let answer: HttpResponse;
  try {
    answer = await ask();
    while (isUnreached(answer) && clock.now() < until) {
      await clock.sleep(AGAIN_MS);
      startedAt = clock.now();
      answer = await ask();
    }
  } catch (error) {
    return { ...unreachable(publicUrl, lostConnection('GET', error)), about };
  }
  // The shipped proxies can be told to let in Graph's addresses alone.
  if (answer.status === 403)
    return warning({
      found: 'the proxy lets nobody in from here (403), so the handshake could not be tried',
      remedy: `see that it lets Graph's addresses in, without a sign-in (${PROXY_PAGE})`,
      about,
    });
  const trouble = troubleOf(answer, token);
  if (trouble !== undefined) return failed({ ...trouble, about });
  const by = stand === null ? 'by the service' : stand.seen.has(token) ? 'by a stand-in' : 'from elsewhere';
  return well(`answered ${by} in ${clock.now() - startedAt} ms`, about);
}

/** What proxies answer in the place of a receiver that is not there. */
function isUnreached({ status }: Pick<HttpResponse, 'status'>): boolean {
  return [502, 503, 504].includes(status);
}

function troubleOf(
  { status, headers, body }: HttpResponse,
  token: string,
): { readonly found: string; readonly remedy: string } | undefined {
  if (isUnreached({ status }))
    return {
      found: `the proxy answers ${status}: it does not reach the receiver`,
      remedy: `let it pass to the address of notifications.listen (${PROXY_PAGE}), and see that the service runs there`,
    };
  if (status !== 200)
    return {
      found: `the answer is ${status}, and Graph wants 200`,
      remedy: `let the proxy pass the path on as it is, without a redirect (${PROXY_PAGE})`,
    };
  if (body !== token)
    return {
      found: 'the answer is not the token as it was sent',
      remedy: `let the proxy pass query and answer on unchanged (${PROXY_PAGE}); see whether another program answers there`,
    };
  if (headers['content-type']?.startsWith('text/plain') !== true)
    return {
      found: 'the answer is not text/plain',
      remedy: `let the proxy pass the headers of the answer on (${PROXY_PAGE})`,
    };
  return undefined;
}
