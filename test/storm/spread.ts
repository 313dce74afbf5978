import type { Ledger } from '../../src/engine/ledger-port.ts';

/** A guarded port is a proxy, which cannot be spread: its members are taken by name. */
export function nouns(ledger: Ledger): Ledger {
  const {
    routes,
    cards,
    mailboxes,
    places,
    slabs,
    links,
    audits,
    memberships,
    tokens,
    subscriptions,
    guard,
    halts,
    outbox,
    counters,
  } = ledger;
  return {
    routes,
    cards,
    mailboxes,
    places,
    slabs,
    links,
    audits,
    memberships,
    tokens,
    subscriptions,
    guard,
    halts,
    outbox,
    counters,
    close: () => ledger.close(),
  };
}

/** The same for one noun. */
export function methods<Noun extends object>(noun: Noun): Noun {
  return new Proxy({} as Noun, {
    get: (_, name) => Reflect.get(noun, name) as unknown,
    ownKeys: () => Reflect.ownKeys(noun),
    getOwnPropertyDescriptor: (_, name) => ({
      configurable: true,
      enumerable: true,
      value: Reflect.get(noun, name) as unknown,
    }),
  });
}
