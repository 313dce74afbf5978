import { createHash } from 'node:crypto';
import type { Random } from '../../src/kit/random.ts';
import { Village } from '../engine/village.ts';
import { chance, integer, pick, seededRandom } from '../kit/seeded-random.ts';
import type { User } from '../tenant/directory/objects.ts';
import { faultKinds, type FaultKind } from '../tenant/faults.ts';
import type { Item } from '../tenant/mailbox/item.ts';
import { Deeds } from './deeds.ts';
import { OwnersNotes } from './mirror-notes.ts';
import type { Mode } from './plan.ts';
import type { Outcome } from './verdict.ts';

/** What people do in one storm, and what the mailboxes have to show afterwards. */
const STEPS = 14;
const SECOND_MS = 1_000;
/** How likely a kind is where it blows at all; of notifications, more: one that is lost is made up for by the audit alone. */
const LIKELY: Partial<Record<FaultKind, number>> = { notificationLost: 0.1, staleRead: 0.1 };
const ORDINARY = 0.03;

/** What is known of a contact from what people did, by its name. */
interface Acquaintance {
  /** Of the newest edit; undefined: the item in which it was made is gone, perhaps before anybody saw it. */
  title: string | null | undefined;
  /** In whose mailbox that was. */
  editor: string;
}

/** Members and a hub share contacts while everything goes wrong; then it is calm. One seed, one run. */
export async function runMirrorSeed({ seed, mode }: { seed: number; mode: Mode }): Promise<Outcome> {
  const storm = new MirrorStorm(seed, mode);
  try {
    await storm.blow();
    return await storm.judge();
  } finally {
    await storm.close();
  }
}

class MirrorStorm {
  readonly #seed: number;
  readonly #mode: Mode;
  readonly #random: Random;
  readonly #village: Village;
  /** In every other storm the notes get their tags. */
  readonly #notes: OwnersNotes | null;
  readonly #known = new Map<string, Acquaintance>();
  /** `name|owner`: who does not want it. */
  readonly #deleted = new Set<string>();
  /** What its owner keeps to themselves, wherever it was shared before. */
  readonly #locked = new Set<string>();
  readonly #deeds = new Deeds();
  readonly #counted = { crash: 0, ledgerLost: 0 };
  #made = 0;

  constructor(seed: number, mode: Mode) {
    this.#seed = seed;
    this.#mode = mode;
    this.#random = seededRandom(seed * 3 + 'ABC'.indexOf(mode));
    this.#notes = seed % 2 === 0 ? new OwnersNotes(seed * 5 + 'ABC'.indexOf(mode)) : null;
    const staleMs = chance(this.#random, 0.5) ? 20_000 : 0;
    const switches = { staleMs, lateApplyMs: 60_000 };
    this.#village = new Village({ members: 2 + integer(this.#random, 3), switches });
  }

  async blow(): Promise<void> {
    for (let number = 0; number < 4; number += 1) this.#add(pick(this.#random, this.#village.members));
    await this.#start();
    this.#village.tenant.setFaults(this.#faults());
    for (let step = 0; step < STEPS; step += 1) {
      await this.#act(step);
      if (this.#notes?.write(this.#village, step) === true) this.#deeds.note('notes written');
      // Graph tells of edits by the second: two within one cannot be told apart.
      const pause = SECOND_MS * pick(this.#random, [2, 5, 20, 60, 400]);
      await this.#village.clock.run(this.#village.clock.now() + pause);
    }
    this.#village.tenant.setFaults({});
    await this.#village.rest(300_000);
    // What was never told of is found by the audit; in mode B nothing is lost.
    if (this.#mode !== 'B') await this.#village.audit();
    // Notifications may come as late as four hours after what they tell of.
    await this.#village.rest(this.#mode === 'B' ? 5 * 3_600_000 : 1_200_000);
  }

  #faults(): Partial<Record<FaultKind, number>> {
    const faults: Partial<Record<FaultKind, number>> = {};
    for (const kind of faultKinds) {
      if (kind === 'subscriptionVanished' || kind === 'notificationForged') continue;
      if (chance(this.#random, 0.4)) faults[kind] = LIKELY[kind] ?? ORDINARY;
    }
    if (this.#mode === 'A') faults.notificationLost = 1;
    if (this.#mode === 'B') faults.notificationLost = faults.notificationMissed = 0;
    return faults;
  }

  async #act(step: number): Promise<void> {
    const owner = pick(this.#random, this.#owners());
    const items = this.#village.items(owner);
    const what = this.#random.float();
    if (what < 0.6 && items.length > 0) this.#edit(owner, pick(this.#random, items), `title ${step}`);
    else if (what < 0.75 && owner !== this.#village.hub) this.#add(owner);
    else if (what < 0.83 && items.length > 0) this.#delete(owner, pick(this.#random, items));
    else if (what < 0.9 && this.#mode === 'C') await this.#restart();
    else if (what < 0.94 && items.length > 0 && owner !== this.#village.hub)
      this.#lock(owner, pick(this.#random, items));
  }

  #owners(): User[] {
    return [this.#village.hub, ...this.#village.members];
  }

  #add(owner: User): void {
    const name = `Acquaintance ${(this.#made += 1)}`;
    const address = `${name.toLowerCase().replace(' ', '.')}@fabrikam.example`;
    this.#village.add(owner, { displayName: name, emailAddresses: [{ name, address }] });
    this.#known.set(name, { title: null, editor: owner.id });
    this.#deeds.note('own contact added');
  }

  #edit(owner: User, item: Item, jobTitle: string): void {
    this.#village.tenant.mailboxes.editContact(owner.id, item, { jobTitle });
    const known = this.#known.get(nameOf(item));
    if (known) Object.assign(known, { title: jobTitle, editor: owner.id });
    this.#deeds.note('contact edited');
  }

  #delete(owner: User, item: Item): void {
    const name = nameOf(item);
    this.#village.tenant.mailboxes.deleteContact(owner.id, item);
    this.#deleted.add(`${name}|${owner.id}`);
    const known = this.#known.get(name);
    if (known?.editor === owner.id) known.title = undefined;
    if (this.#owners().every((one) => this.#named(one, name).length === 0)) this.#known.delete(name);
    this.#deeds.note('contact deleted');
  }

  #lock(owner: User, item: Item): void {
    this.#village.tenant.mailboxes.setSensitivity(owner.id, item, 'private');
    this.#locked.add(nameOf(item));
    this.#deeds.note('contact locked');
  }

  async #restart(): Promise<void> {
    const isLost = chance(this.#random, 0.4);
    this.#counted[isLost ? 'ledgerLost' : 'crash'] += 1;
    if (isLost) {
      await this.#village.loseLedger();
      // What the ledger was told is lost with it.
      for (const mailbox of this.#village.tenant.mailboxes.all()) mailbox.told = { notBefore: 0, at: 0 };
    }
    await this.#start();
  }

  #start(): Promise<void> {
    return this.#village.start({ stampNotes: this.#notes !== null });
  }

  #named(owner: User, name: string): Item[] {
    return this.#village.items(owner).filter((item) => nameOf(item) === name);
  }

  async judge(): Promise<Outcome> {
    const { tenant } = this.#village;
    const wrong: string[] = [];
    let duplicates = 0;
    for (const [name, { title }] of this.#known) {
      for (const owner of this.#owners()) {
        const found = this.#named(owner, name);
        // A ledger that is lost in the middle of it may leave a copy beside what its owner has locked.
        if (this.#locked.has(name)) continue;
        if (found.length > 1) duplicates += 1;
        if (found.length === 0 && !this.#deleted.has(`${name}|${owner.id}`))
          wrong.push(`missing ${name} ${owner.id}`);
        for (const { content } of found) {
          const shown = content.fields['jobTitle'] ?? null;
          if (title !== undefined && shown !== title) wrong.push(`edit lost ${name} ${owner.id}`);
        }
      }
    }
    wrong.push(...(this.#notes?.faults(this.#village, this.#owners()) ?? []));
    const violations = tenant.oracles.violations.map(({ kind, detail }) => `${kind} ${detail}`);
    const faults: Record<string, number> = { ...this.#counted };
    for (const [kind, count] of tenant.faultCounts) faults[kind] = count;
    return {
      seed: this.#seed,
      mode: this.#mode,
      steps: [...tenant.counts.values()].reduce((sum, count) => sum + count, 0),
      faults,
      deeds: this.#deeds.counts,
      divergences: wrong.length,
      duplicates,
      complaints: [
        ...violations,
        ...wrong,
        ...(duplicates > 0 ? [`${duplicates} duplicates at the end`] : []),
      ],
      trace: this.#trace(),
    };
  }

  /** Requests by operation, and what every mailbox ends with. */
  #trace(): string {
    const hash = createHash('sha256').update(JSON.stringify([...this.#village.tenant.counts]));
    for (const owner of this.#owners())
      hash.update(JSON.stringify(this.#village.items(owner).map(({ content }) => content)));
    return hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#village.stop();
    this.#village.tenant.close();
  }
}

function nameOf({ content }: Item): string {
  return String(content.fields['displayName']);
}
