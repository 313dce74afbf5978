/** What Exchange Online most often means by its codes; one user can alternate between the first two. */
const MEANINGS: Readonly<Record<string, string>> = {
  MailboxNotEnabledForRESTAPI: 'no mailbox in Exchange Online: not licensed yet, or on premises',
  ResourceNotFound: 'no mailbox in Exchange Online: not licensed yet, on premises, or gone with its owner',
  Request_ResourceNotFound: 'the owner is gone',
  ErrorNonExistentMailbox: 'no mailbox in Exchange Online',
  MailboxInfoStale: 'the mailbox was moved a moment ago',
  ErrorAccessDenied: 'outside of what the app may reach',
};

/** Why a mailbox is parked, for a person. */
export function meaningOf(reason: string): string {
  const meaning = MEANINGS[reason];
  return meaning === undefined ? reason : `${meaning} (${reason})`;
}
