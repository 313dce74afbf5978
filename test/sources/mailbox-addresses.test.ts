import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../src/model/fault.ts';
import { createMailboxAddresses } from '../../src/sources/mailbox-addresses.ts';
import { VirtualClock } from '../kit/virtual-clock.ts';

const ID = 'a0000000-0000-4000-8000-000000000001';
const HOUR_MS = 3_600_000;

let clock: VirtualClock;
let asked: number;
/** What Graph answers; null: it does not. */
let address: string | null;
let addressOf: (mailbox: string) => Promise<string>;

beforeEach(() => {
  clock = new VirtualClock();
  asked = 0;
  address = 'anna@contoso.example';
  const addresses = createMailboxAddresses({
    clock,
    packer: {
      call: async () => {
        asked += 1;
        if (address === null) throw new Fault('unavailable', 'no answer');
        return {
          status: 200,
          headers: {},
          body: { id: ID, userPrincipalName: address, assignedLicenses: [] },
        };
      },
    },
  });
  addressOf = (mailbox) => addresses(mailbox, 'live');
});

test('is asked for once, also by those who ask at the same time', async () => {
  const told = await Promise.all([addressOf(ID), addressOf(ID), addressOf(ID)]);
  expect(new Set(told)).toEqual(new Set(['anna@contoso.example']));
  await addressOf(ID);
  expect(asked).toBe(1);
});

test('is asked for again after an hour', async () => {
  await addressOf(ID);
  address = 'anna.new@contoso.example';
  await clock.run(clock.now() + HOUR_MS + 1);
  expect(await addressOf(ID)).toBe('anna.new@contoso.example');
});

test('that cannot be had is not asked for with every contact, and the id stands in its place', async () => {
  address = null;
  expect(await addressOf(ID)).toBe(ID);
  expect(await addressOf(ID)).toBe(ID);
  expect(asked).toBe(1);
  await clock.run(clock.now() + 60_001);
  address = 'anna@contoso.example';
  expect(await addressOf(ID)).toBe('anna@contoso.example');
});

test('that cannot be had any more is the last one that was known', async () => {
  await addressOf(ID);
  address = null;
  await clock.run(clock.now() + HOUR_MS + 1);
  expect(await addressOf(ID)).toBe('anna@contoso.example');
});
