import type { Counts } from '../tenant/counts.ts';

/** What was asked for, alone or inside batches; names of parameters do not matter. */
const OPERATIONS = {
  /** Looks for contacts that may or may not be there. */
  contactLooks: /GET users\/\{\w+\}\/(contactFolders\/\{\w+\}\/)?contacts/,
  folderCreates: /POST users\/\{\w+\}\/contactFolders$/,
  folderChanges: /PATCH users\/\{\w+\}\/contactFolders\/\{\w+\}$/,
  subscriptionCreates: /POST subscriptions$/,
  peopleReads: /GET users\/\{\w+\}$/,
} as const;

export function asked(counts: Counts, what: keyof typeof OPERATIONS): number {
  let sum = 0;
  for (const [operation, times] of counts) if (OPERATIONS[what].test(operation)) sum += times;
  return sum;
}
