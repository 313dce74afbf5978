import type { Random } from '../../src/kit/random.ts';
import { Village } from '../engine/village.ts';
import { chance, pick, seededRandom } from '../kit/seeded-random.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Fields, Item } from '../tenant/mailbox/item.ts';
import { Busybody } from './busybody.ts';
import { Deeds } from './deeds.ts';
import { Drags } from './drags.ts';
import { drawEdit, drawNote } from './edits.ts';
import { OwnersNotes } from './mirror-notes.ts';
import { planMirror, type MirrorPlan } from './mirror-plan.ts';
import { judgeMailboxes, judgeReverted, lostByService, traceOf, type MirrorSight } from './mirror-verdict.ts';
import type { RunOptions } from './run-options.ts';
import type { Outcome } from './verdict.ts';
import { Villagers } from './villagers.ts';

const STEPS = 14;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Members and a hub share contacts while everything goes wrong; then it is calm. One seed, one run. */
export async function runMirrorSeed(options: Omit<RunOptions, 'inspect'>): Promise<Outcome> {
  const storm = new MirrorStorm(options);
  try {
    await storm.blow();
    return await storm.judge();
  } finally {
    await storm.close();
  }
}

class MirrorStorm {
  readonly #seed: number;
  readonly #mode: RunOptions['mode'];
  readonly #random: Random;
  readonly #plan: MirrorPlan;
  readonly #village: Village;
  readonly #villagers: Villagers;
  /** In every other storm the notes get their tags. */
  readonly #notes: OwnersNotes | null;
  readonly #drags: Drags;
  readonly #deeds = new Deeds();
  readonly #busybody: Busybody;
  readonly #counted = { crash: 0, ledgerLost: 0 };
  readonly #complaints: string[] = [];
  #divergences = 0;
  #duplicates = 0;
  #writesPerEdit: Outcome['writesPerEdit'];

  constructor({ seed, mode, mutant }: RunOptions) {
    this.#seed = seed;
    this.#mode = mode;
    this.#random = seededRandom(seed * 3 + 'ABC'.indexOf(mode));
    this.#notes = seed % 2 === 0 ? new OwnersNotes(seed * 5 + 'ABC'.indexOf(mode)) : null;
    this.#plan = { ...planMirror(this.#random, mode, seed), ...mutant?.mirror };
    const { members, staleMs, mailboxStaleMs, normalises } = this.#plan;
    this.#busybody = new Busybody(seededRandom(seed * 31 + 7), () => this.#villagers);
    const village: Village = new Village({
      members,
      switches: { staleMs, mailboxStaleMs, normalises, lateApplyMs: 60_000 },
      conditions: {
        transport: (request) => {
          const sent = this.#busybody.watch(village, village.tenant.transport);
          return (mutant?.transport?.(sent, village.clock) ?? sent)(request);
        },
      },
      parts: (parts) => mutant?.parts?.(parts) ?? parts,
    });
    this.#village = village;
    this.#villagers = new Villagers(village, this.#deeds);
    this.#drags = new Drags(village, this.#deeds, { seed, folder: this.#plan.folder });
  }

  async blow(): Promise<void> {
    const { members, clock, tenant } = this.#village;
    for (let number = 0; number < 4; number += 1) {
      const owner = pick(this.#random, members);
      const known = this.#villagers.add(owner);
      if (!chance(this.#random, this.#plan.metTwice)) continue;
      await clock.run(clock.now() + 2 * SECOND_MS);
      this.#villagers.addAgain(
        pick(
          this.#random,
          members.filter((one) => one !== owner),
        ),
        known,
      );
    }
    this.#villagers.addSecret(pick(this.#random, members), pick(this.#random, ['category', 'lock']));
    await this.#start();
    tenant.setFaults(this.#plan.faults);
    this.#busybody.bustle = this.#plan.bustle;
    for (let step = 0; step < STEPS; step += 1) {
      if (step === STEPS / 2 && this.#drags.choose(this.#villagers)) await this.#start();
      this.#drags.maybe();
      await this.#act(step);
      // Graph tells of edits by the second: two within one cannot be told apart.
      const pause = SECOND_MS * pick(this.#random, [2, 5, 20, 60, 400]);
      await clock.run(clock.now() + pause);
    }
    this.#busybody.bustle = 0;
    tenant.setFaults({});
    await this.#village.rest(300_000);
    // What was never told of is found by the audit; in mode B nothing is lost.
    if (this.#mode !== 'B') await this.#village.audit();
    // Notifications may come as late as four hours after what they tell of.
    await this.#village.rest(this.#mode === 'B' ? 5 * HOUR_MS : 1_200_000);
  }

  async #act(step: number): Promise<void> {
    const random = this.#random;
    const owner = pick(random, this.#village.all());
    const items = this.#village.items(owner);
    const item = items.length > 0 ? pick(random, items) : null;
    const isMember = owner !== this.#village.hub;
    const what = random.float();
    if (what < 0.1 && this.#mode === 'C') return this.#restart();
    if (what < 0.1 + this.#plan.deletions) {
      if (item) this.#villagers.delete(owner, item);
    } else if (what < 0.36) {
      if (isMember) this.#villagers.add(owner);
    } else if (what < 0.4) {
      if (isMember) this.#villagers.addSecret(owner, pick(random, ['category', 'lock']));
    } else if (what < 0.45) {
      if (isMember && item) this.#villagers.lock(owner, item);
    } else if (what < 0.55) {
      if (this.#notes?.write(this.#villagers, step) === true) this.#deeds.note('note written');
      else if (item && !this.#notes) this.#villagers.note(owner, item, drawNote(random, step));
    } else if (what < 0.65) {
      for (const one of items) this.#villagers.undo(owner, one);
    } else if (item) this.#villagers.edit(owner, item, drawEdit(random, step));
  }

  async #restart(): Promise<void> {
    const isLost = chance(this.#random, this.#plan.ledgerLoss);
    this.#counted[isLost ? 'ledgerLost' : 'crash'] += 1;
    if (isLost) {
      await this.#village.loseLedger();
      this.#villagers.ledgerLost();
    }
    await this.#start();
  }

  #start(): Promise<void> {
    const { onDelete, guard } = this.#plan;
    const members = this.#village.membersWith(this.#drags.hasFolder);
    return this.#village.start({ onDelete, guard, stampNotes: this.#notes !== null, members });
  }

  async judge(): Promise<Outcome> {
    await this.#approve();
    this.#hold();
    await this.#editAtRest();
    this.#hold();
    if (this.#plan.reverts) await this.#revert();
    const { tenant } = this.#village;
    const faults = { ...this.#counted, ...Object.fromEntries(tenant.faultCounts) };
    const violations = tenant.oracles.violations.map(({ kind, detail }) => `${kind} ${detail}`);
    return {
      seed: this.#seed,
      mode: this.#mode,
      steps: [...tenant.counts.values()].reduce((sum, count) => sum + count, 0),
      faults,
      deeds: this.#deeds.counts,
      divergences: this.#divergences,
      duplicates: this.#duplicates,
      complaints: [...violations, ...this.#complaints],
      trace: traceOf(this.#village),
      ...(this.#writesPerEdit ? { writesPerEdit: this.#writesPerEdit } : {}),
    };
  }

  #sight(): MirrorSight {
    const [village, villagers, plan] = [this.#village, this.#villagers, this.#plan];
    const isForgetful = this.#counted.ledgerLost > 0;
    return { village, villagers, plan, isForgetful, stamps: this.#notes !== null };
  }

  #complain(wrong: readonly string[]): void {
    this.#divergences += wrong.length;
    this.#complaints.push(...wrong);
  }

  /** Holds every mailbox against what people know. */
  #hold(): void {
    const { wrong, duplicates } = judgeMailboxes(this.#sight());
    this.#complain(wrong);
    this.#complain(this.#notes?.faults(this.#village, this.#villagers.written) ?? []);
    this.#complain(this.#drags.faults(this.#villagers));
    this.#duplicates += duplicates;
    if (duplicates > 0) this.#complaints.push(`${duplicates} duplicates at the end`);
  }

  /** What the guard holds is let go of by a person; before, no more has gone than it lets go of itself. */
  async #approve(): Promise<void> {
    const { count, percent } = this.#plan.guard;
    const gone = lostByService(this.#sight());
    const most = Math.max(count, (this.#villagers.known.size * percent) / 100);
    // A ledger that is lost forgets what it has let go of.
    if (gone > most * (1 + this.#counted.ledgerLost)) this.#complain([`guard: ${gone} contacts removed`]);
    const { ledger } = this.#village.service.assembly.needs;
    const held = await ledger.guard.approve(null, this.#village.clock.now());
    if (held === 0) return;
    this.#deeds.note('removals approved');
    await this.#village.rest(300_000);
  }

  /** At rest nothing is written; and an edit is written once into each other mailbox. */
  async #editAtRest(): Promise<void> {
    const village = this.#village;
    const before = village.writes();
    await village.audit();
    const idle = village.writes() - before;
    if (idle > 0) this.#complain([`${idle} writes although nobody has edited anything`]);
    const edited = [...this.#villagers.known.values()].find(
      ({ lockers, deleters }) => lockers.size + deleters.size === 0,
    );
    const owner = pick(this.#random, village.all());
    const [item] = edited ? this.#villagers.standing(owner, edited.address) : [];
    if (!item) return;
    const start = village.writes();
    this.#villagers.edit(owner, item, { jobTitle: ' at rest ', homePhones: ['+49 30 1'] });
    await village.rest();
    await village.audit();
    const writes = village.writes() - start;
    this.#writesPerEdit = { writes, members: village.members.length };
    if (writes > village.members.length + this.#plan.writesBeside)
      this.#complain([`${writes} writes for one edit`]);
  }

  async #revert(): Promise<void> {
    const village = this.#village;
    this.#deeds.note('reverted');
    const before = new Map<Item, Fields>(
      village.all().flatMap((owner: User) => village.items(owner).map((item) => [item, item.content.fields])),
    );
    const { ledger } = village.service.assembly.needs;
    const scope = { kind: 'job', name: 'shared' } as const;
    await ledger.halts.set({ scope, mode: 'reverting', since: village.clock.now() });
    await village.rest();
    await village.rest();
    this.#complain([...judgeReverted(this.#sight(), before), ...this.#drags.leftBehind()]);
  }

  async close(): Promise<void> {
    await this.#village.stop();
    this.#village.tenant.close();
  }
}
