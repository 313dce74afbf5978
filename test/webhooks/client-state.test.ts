import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientStateVerifier, LONGEST_CLIENT_STATE, makeClientState } from '../../src/model/client-state.ts';
import {
  clientState,
  CURRENT_KEY,
  OTHER_TENANT_ID,
  PREVIOUS_KEY,
  SUBSCRIPTION_ID,
  TENANT_ID,
  USER_ID,
} from './desk.ts';

const nonce = fc.stringMatching(/^[A-Za-z0-9._-]{1,60}$/);
const resource = fc.constantFrom('users', 'groups');
const keys = { current: CURRENT_KEY, previous: PREVIOUS_KEY };

describe('client state', () => {
  it('tells what it was made for, under the current key and the one before, again and again', () => {
    const verify = clientStateVerifier(keys, 3);
    fc.assert(
      fc.property(nonce, resource, fc.constantFrom(CURRENT_KEY, PREVIOUS_KEY), (nonce, resource, key) => {
        const presented = makeClientState({
          kind: 'notification',
          resource,
          nonce,
          tenantId: TENANT_ID,
          key,
        });
        expect(presented.length).toBeLessThanOrEqual(LONGEST_CLIENT_STATE);
        for (let time = 0; time < 2; time += 1) {
          expect(verify(presented, TENANT_ID)).toEqual({ kind: 'notification', resource, nonce });
        }
      }),
    );
  });

  it('is good for its own tenant, key and resource only', () => {
    const verify = clientStateVerifier(keys);
    const ours = clientState();
    expect(verify(ours, TENANT_ID)).not.toBeNull();
    expect(verify(ours, OTHER_TENANT_ID)).toBeNull();
    expect(verify(clientState({ key: Buffer.from('a key that was never ours') }), TENANT_ID)).toBeNull();
    expect(verify(ours.replace('users', 'groups'), TENANT_ID)).toBeNull();
    expect(clientStateVerifier({ current: PREVIOUS_KEY })(ours, TENANT_ID)).toBeNull();
  });

  it('of contacts tells whose they are, and fits with every nonce that it takes', () => {
    const verify = clientStateVerifier(keys);
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-]{1,39}$/), fc.uuid(), (nonce, mailbox) => {
        const presented = clientState({ resource: 'contacts', mailbox: mailbox.toUpperCase(), nonce });
        expect(presented.length).toBeLessThanOrEqual(LONGEST_CLIENT_STATE);
        expect(verify(presented, TENANT_ID)).toEqual({
          kind: 'notification',
          resource: 'contacts',
          mailbox,
          nonce,
        });
      }),
    );
    const longest = clientState({ resource: 'contacts', mailbox: USER_ID, nonce: 'x'.repeat(39) });
    expect(longest).toHaveLength(LONGEST_CLIENT_STATE);
  });

  it('of contacts is good for its own mailbox only', () => {
    const verify = clientStateVerifier(keys);
    const [ours, theirs] = [USER_ID, SUBSCRIPTION_ID].map((mailbox) =>
      clientState({ resource: 'contacts', mailbox }).split('.'),
    );
    if (!ours || !theirs) throw new Error('There are two.');
    expect(verify(ours.join('.'), TENANT_ID)).toMatchObject({ mailbox: USER_ID });
    expect(verify([...ours.slice(0, 2), theirs[2], ...ours.slice(3)].join('.'), TENANT_ID)).toBeNull();
    expect(verify([...ours.slice(0, 2), ...ours.slice(3)].join('.'), TENANT_ID)).toBeNull();
    expect(verify(ours.join('.').replace('contacts', 'users'), TENANT_ID)).toBeNull();
  });

  it('of contacts is not made for what is no object id, nor from a nonce that would not fit', () => {
    for (const mailbox of ['', 'ada@contoso.example', `${USER_ID}0`])
      expect(() => clientState({ resource: 'contacts', mailbox })).toThrow(RangeError);
    for (const nonce of ['', 'x'.repeat(40)])
      expect(() => clientState({ resource: 'contacts', mailbox: USER_ID, nonce })).toThrow(RangeError);
  });

  it('does not depend on how the tenant id is spelled when it is made', () => {
    const made = clientState({ tenantId: OTHER_TENANT_ID.toUpperCase() });
    expect(clientStateVerifier(keys)(made, OTHER_TENANT_ID)).not.toBeNull();
  });

  it('is refused with any character changed, added or missing, also after the genuine one was seen', () => {
    const verify = clientStateVerifier(keys);
    const ours = clientState();
    expect(verify(ours, TENANT_ID)).not.toBeNull();
    for (let at = 0; at < ours.length; at += 1) {
      const other = ours[at] === 'A' ? 'B' : 'A';
      expect(verify(ours.slice(0, at) + other + ours.slice(at + 1), TENANT_ID)).toBeNull();
      expect(verify(ours.slice(0, at) + ours.slice(at + 1), TENANT_ID)).toBeNull();
      expect(verify(`${ours.slice(0, at)}A${ours.slice(at)}`, TENANT_ID)).toBeNull();
    }
    expect(verify(ours, TENANT_ID)).not.toBeNull();
  });

  it('is refused when it is anything else', () => {
    const verify = clientStateVerifier(keys);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(verify(text, TENANT_ID)).toBeNull();
      }),
    );
    expect(verify('', TENANT_ID)).toBeNull();
    expect(verify('x'.repeat(1_000_000), TENANT_ID)).toBeNull();
  });

  it('is not made from a nonce that would not fit or could be read two ways', () => {
    for (const nonce of ['', 'x'.repeat(61), 'a b', 'a\n', 'ü']) {
      expect(() => clientState({ nonce })).toThrow(RangeError);
    }
  });
});
