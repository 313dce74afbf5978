import { at, quoted, type GraphCall, type Priority } from './call.ts';
import { unreadable, type GraphAnswer } from './faults.ts';
import { list, text } from '../kit/json.ts';

/**
 * Users and guests of a tenant to whom an address belongs, in whatever way: `otherMails` of an existing guest is not known to
 * Exchange. Combined filters over collections are an advanced query (learn.microsoft.com/graph/aad-advanced-queries).
 */
export function findAddressOwners(address: string, priority: Priority = 'live'): GraphCall {
  const [plain, proxy] = [quoted(address), quoted(`smtp:${address}`)];
  const filter = `mail eq ${plain} or otherMails/any(o:o eq ${plain}) or proxyAddresses/any(p:p eq ${proxy})`;
  return {
    method: 'GET',
    url: at`/users?$filter=${filter}&$select=id,userType&$count=true&$top=1`,
    headers: { ConsistencyLevel: 'eventual' },
    priority,
  };
}

/** Who has it; null for nobody. Throws `unavailable` for an answer that is none. */
export function readAddressOwner({ body, status }: GraphAnswer): 'guest' | 'user' | null {
  const users = list(body, 'value');
  if (users === undefined) throw unreadable(status, 'GET');
  const [first] = users;
  if (first === undefined) return null;
  return text(first, 'userType')?.toLowerCase() === 'guest' ? 'guest' : 'user';
}
