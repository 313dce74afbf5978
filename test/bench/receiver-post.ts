import { makeClientState } from '../../src/model/client-state.ts';

export const TENANT_ID = '11111111-2222-4333-8444-555555555555';
export const CLIENT_STATE_KEY = Buffer.from('a key for measurements, and for nothing else');
const SUBSCRIPTION_ID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

/** The n-th user: every notification is about another one, so that nothing is merged away. */
function userId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** A notification in the recorded live shape, 18-digit sequence number and offset timestamp included. */
function notification(number: number): string {
  const id = userId(number);
  const clientState = makeClientState({
    kind: 'notification',
    resource: 'users',
    nonce: 'measured-00000000000',
    tenantId: TENANT_ID,
    key: CLIENT_STATE_KEY,
  });
  const item = JSON.stringify({
    changeType: 'updated',
    clientState,
    resource: `Users/${id}`,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.User',
      '@odata.id': `Users/${id}`,
      id,
      organizationId: TENANT_ID,
      sequenceNumber: 0,
    },
    subscriptionExpirationDateTime: '2026-12-10T10:23:45.9356913-08:00',
    subscriptionId: SUBSCRIPTION_ID,
    tenantId: TENANT_ID,
  });
  return item.replace('"sequenceNumber":0', '"sequenceNumber":638059995676961300');
}

function post(body: string): Buffer {
  const head = [
    'POST /notifications HTTP/1.1',
    'Host: receiver',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** One post whose user can be replaced in place: making 50,000 a second must cost the generator next to nothing. */
export function renumberedPost(): (number: number) => Buffer {
  const marker = userId(0xabcdef);
  const template = post(`{"value":[${notification(0xabcdef)}]}`);
  const places: number[] = [];
  for (let at = template.indexOf(marker); at !== -1; at = template.indexOf(marker, at + 1))
    places.push(at + 24);
  return (number) => {
    const digits = number.toString(16).padStart(12, '0');
    const bytes = Buffer.from(template);
    for (const place of places) bytes.write(digits, place, 'latin1');
    return bytes;
  };
}

/** The body of one post about as many users, none of whom the load ever names. */
export function manyNotifications(count: number): string {
  const firstId = 0xf000_0000_0000;
  return `{"value":[${Array.from({ length: count }, (_, index) => notification(firstId + index)).join(',')}]}`;
}
