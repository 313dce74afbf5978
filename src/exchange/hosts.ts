import { Fault } from '../model/fault.ts';

/**
 * May a request with our token go there? A tenant may be moved to `<prefix>.<host>`: a redirect or a next page that leads
 * anywhere else is refused, since the token would travel along.
 */
function isExchangeHost(link: string, origin: string): boolean {
  const [to, home] = [URL.parse(link), URL.parse(origin)];
  if (to === null || home === null || to.protocol !== 'https:' || to.port !== home.port) return false;
  return to.hostname === home.hostname || to.hostname.endsWith(`.${home.hostname}`);
}

/** Throws `forbidden` for a link that leads away from Exchange. */
export function demandExchangeHost(link: string, origin: string): void {
  if (!isExchangeHost(link, origin))
    throw new Fault('forbidden', 'Exchange points to a host that is none of its own', {
      code: 'ForeignHost',
    });
}
