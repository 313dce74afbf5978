/** The cmdlets of Exchange Online that mail contacts take. */
export const CMDLETS = [
  'Get-MailContact',
  'Get-Contact',
  'Get-Recipient',
  'New-MailContact',
  'Set-MailContact',
  'Set-Contact',
  'Remove-MailContact',
] as const;

export type Cmdlet = (typeof CMDLETS)[number];

/** What a parameter may be: a switch is a truth, `null` clears. */
export type Value = string | boolean | null | readonly string[];
export type Parameters = Readonly<Record<string, Value>>;

/** What a cmdlet yields, property by property, without the endpoint's noise. */
export type Row = Readonly<Record<string, unknown>>;

export interface Command {
  readonly cmdlet: Cmdlet;
  readonly parameters: Parameters;
  /** Live changes go before fills. */
  readonly urgency: 'live' | 'bulk';
  /** Asked when it is about to leave; false: it is not sent, and rejected with `paused`. */
  readonly mayLeave?: () => boolean;
}

/** The way to Exchange Online of one tenant. Two drivers: the admin endpoint (rest.ts), and PowerShell (pwsh.ts). */
export interface ExchangeTransport {
  /**
   * Everything that the cmdlet yields, over all pages. Rejects with a `Fault`: `unknown-outcome` where a write may have been
   * applied, `not-found` only where the object is surely not there, `conflict` with the code of `ConflictCode`.
   */
  run(command: Command): Promise<readonly Row[]>;
  /** Commands for which there is room beside what waits; 0: ask again at `askAt` (milliseconds since 1970). */
  spare(): { readonly operations: number; readonly askAt: number };
  /** What this identity may run. */
  cmdlets(): Promise<ReadonlySet<string>>;
  /** HTTP requests so far; of another driver, commands. */
  requests(): number;
  close(): Promise<void>;
}

/** Why a write collides, as `Fault.code`. */
export const CONFLICTS = {
  address: 'ProxyAddressExists',
  name: 'NameExists',
  ambiguous: 'AmbiguousIdentity',
  /** The copy in Entra: a real conflict, or one that passes within minutes. */
  dualWrite: 'ObjectConflict',
} as const;

/** Does it only look? */
export function isRead(cmdlet: Cmdlet): boolean {
  return cmdlet.startsWith('Get-');
}
