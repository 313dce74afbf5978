/** Everything that people do while a storm blows. A kind that never occurs would prove nothing. */
export const deedKinds = [
  // In the directory.
  'person edited',
  'person there and back',
  'person joined',
  'person left',
  'person left and came back at once',
  'many left at once',
  'somebody who left was edited',
  'person returned',
  'attribute decides scope',
  'member added',
  'group nested',
  'group taken out',
  'opted out',
  'opted in',
  'group opted out or in',
  'outsider edited',
  'outsider left',
  'outsider changed groups',
  'unit joined',
  'unit left',
  'picture set',
  'picture removed',
  'licence given',
  'licence taken',
  'licence given back at once',
  // In the mailboxes.
  'own contact added',
  'own contact edited',
  'own contact deleted',
  'contact edited',
  'contact deleted',
  'contact moved',
  'contact copied',
  'folder deleted',
  'folder renamed by its owner',
  'contact adopted',
  'contact released',
  // In the configuration.
  'source changed',
  'audience changed',
  'folder name changed',
  'rule changed',
  'mapping changed',
  'opt-out changed',
  'units changed',
  'contacts changed',
  'job added',
  'job withdrawn',
  // At the command line.
  'paused',
  'reverted',
  'revert taken back',
  'resumed',
  'removals approved',
] as const;

/** What people of the other tenant do, where there is one. */
export const partnerDeedKinds = [
  'manager changed',
  'mail group came',
  'mail group renamed',
  'mail group left',
  'guest invited',
  'supplier added',
  'mail contact edited',
  'mail contact removed',
  'mark taken off',
] as const;

/** What members do with contacts that they share. */
export const memberDeedKinds = [
  'own contact added',
  'contact edited',
  'contact deleted',
  'contact locked',
  'private contact added',
  'contact met',
  'field cleared',
  'edit taken back',
  'note written',
  'removals approved',
  'reverted',
  'contact dragged',
  'folder chosen',
] as const;

export type Deed =
  | (typeof deedKinds)[number]
  | (typeof partnerDeedKinds)[number]
  | (typeof memberDeedKinds)[number];

/** Counts what was really done. */
export class Deeds {
  readonly counts: Partial<Record<Deed, number>> = {};

  note(deed: Deed, times = 1): void {
    if (times > 0) this.counts[deed] = (this.counts[deed] ?? 0) + times;
  }
}
