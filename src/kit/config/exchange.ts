import { object } from './maps.ts';
import { maybe, optional } from './shapes.ts';
import { choice, matching, wholeNumber } from './words.ts';

/** How mail contacts are kept in Exchange Online of a tenant. */
export interface ExchangeConfig {
  /** The custom attribute that makes a contact ours, such as `CustomAttribute15`. */
  readonly mark: string;
  readonly driver: 'rest' | 'pwsh';
  /** `fabrikam.onmicrosoft.com`, where PowerShell is the driver. */
  readonly organization: string | null;
  /** Requests in flight. */
  readonly concurrency: number;
}

export const exchange = object({
  mark: optional(
    matching('^CustomAttribute([1-9]|1[0-5])$', 'one of CustomAttribute1 to CustomAttribute15'),
    'CustomAttribute15',
    'The custom attribute in which every contact of ours bears its mark. Nobody else may use it, but CTCS.',
  ),
  driver: optional(
    choice(['rest', 'pwsh']),
    'rest',
    'The admin endpoint, or PowerShell with the module ExchangeOnlineManagement.',
  ),
  organization: maybe(
    matching('^[A-Za-z0-9][A-Za-z0-9.-]*\\.[A-Za-z]{2,}$', 'a domain such as fabrikam.onmicrosoft.com'),
    'The first domain of the tenant, for PowerShell.',
  ),
  concurrency: optional(wholeNumber(1, 16), 3, 'Requests in flight; adaptive below that.'),
});
