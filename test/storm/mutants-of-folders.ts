import type { Operation, Target } from '../../src/engine/ports.ts';
import { foldersBeside, standingFolder, type Beside } from '../../src/model/standing.ts';
import type { Parts } from '../../src/run/assemble.ts';
import { mirror } from './mutants-of-mirrors.ts';
import type { Mutant } from './mutants.ts';

/** Where a place stands in two folders, only one of them is looked into. */
const lookingInto =
  (chosen: (beside: Beside) => string) =>
  (parts: Parts): Parts => ({
    ...parts,
    targets: new Map([...parts.targets].map(([key, target]) => [key, narrowed(target, chosen)])),
  });

function narrowed(target: Target, chosen: (beside: Beside) => string): Target {
  const one = (operation: Operation): Operation => {
    if (operation.kind !== 'survey' && operation.kind !== 'look-at') return operation;
    const beside = foldersBeside(operation.folder);
    return beside ? { ...operation, folder: chosen(beside) } : operation;
  };
  return {
    spare: () => target.spare(),
    apply: (operations, urgency) => target.apply(operations.map(one), urgency),
  };
}

/** What is dragged out of the folder is taken for moved away. */
const contactsAlone = mirror('of the two folders Contacts alone is looked into', {
  mode: 'B',
  mirror: { folder: 'always' },
  parts: lookingInto(({ own }) => standingFolder(own)),
});

/** Whoever has a contact in Contacts gets a copy of it beside that. */
const folderAlone = mirror('of the two folders the managed one alone is looked into', {
  mode: 'B',
  mirror: { folder: 'always', metTwice: 1 },
  parts: lookingInto(({ managed }) => managed),
});

/** After another choice copies stay where they are. */
const nothingMoved = mirror('another choice moves nothing', {
  mode: 'A',
  mirror: { folder: 'goes', faults: { notificationLost: 1 } },
  parts: (parts) => {
    const { links } = parts.ledger;
    const save: typeof links.save = ({ put = [], ...rest }) =>
      links.save({
        ...rest,
        put: put.map((link) => (link.state === 'misplaced' ? { ...link, state: 'known' } : link)),
      });
    return { ...parts, ledger: { ...parts.ledger, links: { ...links, save } } };
  },
});

/** That an edit is not lost with the copy that is moved, nor what its owner wrote beside it, is told by stories. */
export const folderMutants: readonly Mutant[] = [contactsAlone, folderAlone, nothingMoved];
