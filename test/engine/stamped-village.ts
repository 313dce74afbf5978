import type { Needs } from '../../src/engine/needs.ts';
import type { Operation } from '../../src/engine/ports.ts';
import { TENANT } from '../bench/service.ts';
import type { User } from '../tenant/directory/objects.ts';
import type { Fields, Item } from '../tenant/mailbox/item.ts';
import { Village } from './village.ts';

export const STAMPING = { stampNotes: true } as const;
const TAG =
  /SyncId=([0-9a-f-]{36})(?:;CreatedBy=([^;\s]+))?;LastUpdatedAt=([\dT:-]+Z);LastUpdatedBy=([^;\s]+)/g;

export function notesIn({ content }: Item): string {
  return notesOf(content.fields);
}

export function notesOf({ personalNotes }: Fields): string {
  return typeof personalNotes === 'string' ? personalNotes : '';
}

/** A village in whose notes the tags of the mirroring script are looked for. */
export class StampedVillage extends Village {
  notes(owner: User, name = 'The plumber'): string {
    return notesIn(this.named(owner, name));
  }

  /** The one tag in the notes of somebody's contact, and what stands around it. */
  stamp(owner: User, name?: string) {
    const notes = this.notes(owner, name);
    const found = [...notes.matchAll(TAG)];
    const [tag] = found;
    if (!tag || found.length > 1) throw new Error(`${found.length} tags in: ${notes}`);
    const [, syncId, createdBy, at = '', by] = tag;
    return { syncId, createdBy, at: Date.parse(at), by, around: notes.replace(tag[0], '') };
  }

  /** Everything is taken back. */
  async revert(): Promise<void> {
    const { ledger } = this.service.assembly.needs;
    const scope = { kind: 'job', name: 'shared' } as const;
    await ledger.halts.set({ scope, mode: 'reverting', since: this.clock.now() });
    await this.rest();
    await this.rest();
  }

  /** Something that happens once, at the moment when such an operation is on its way. */
  before(kind: Operation['kind'], happens: (operation: Operation) => boolean): void {
    const targets: Needs['targets'] = this.service.assembly.needs.targets;
    const target = targets.get(TENANT);
    if (!target) throw new Error('No target is wired.');
    const apply = target.apply.bind(target);
    let isDone = false;
    target.apply = (operations, urgency) => {
      isDone ||= operations.some((operation) => operation.kind === kind && happens(operation));
      return apply(operations, urgency);
    };
  }
}
