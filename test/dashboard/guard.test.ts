import type { IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createDoors, type Door } from '../../src/dashboard/guard.ts';

const SITE = 'https://dashboard.contoso.com';
const listen = { host: '0.0.0.0', port: 8090 };
const doorOf = createDoors({ listen, entra: { tenant: 'contoso', publicUrl: SITE } });

/** The door of a request for this host, on a connection from this address. */
function doorFor(host: string, address: string, added: IncomingHttpHeaders = {}): Door | null {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  return doorOf({ headers: { host, ...added }, socket });
}

test.each(['127.0.0.1', '127.8.0.3', '::1', '::ffff:127.0.0.1'])(
  'names of the machine are for %s',
  (address) => {
    for (const host of ['localhost:8090', '127.0.0.1:9000', '[::1]:8090'])
      expect(doorFor(host, address)).toMatchObject({ isPublic: false, origin: `http://${host}` });
  },
);

test.each(['10.0.0.7', '::ffff:10.0.0.7', '203.0.113.127', 'fe80::1', ''])(
  'and not for %o, which may call it by its public name alone',
  (address) => {
    for (const host of ['localhost:8090', '127.0.0.1', '[::1]']) expect(doorFor(host, address)).toBeNull();
    expect(doorFor('dashboard.contoso.com', address)).toMatchObject({ isPublic: true, origin: SITE });
  },
);

test.each(['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'])(
  'nor for whoever comes by way of a proxy on the machine, which says so by %s',
  (name) => {
    for (const host of ['localhost:8090', '127.0.0.1', '[::1]'])
      expect(doorFor(host, '127.0.0.1', { [name]: '203.0.113.7' })).toBeNull();
    expect(doorFor('dashboard.contoso.com', '127.0.0.1', { [name]: '203.0.113.7' })).toMatchObject({
      isPublic: true,
    });
  },
);

test('without a public name there is none', () => {
  const alone = createDoors({ listen, entra: null });
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
  expect(alone({ headers: { host: 'dashboard.contoso.com' }, socket })).toBeNull();
  expect(alone({ headers: { host: 'localhost' }, socket })).not.toBeNull();
  expect(alone({ headers: {}, socket })).toBeNull();
});
