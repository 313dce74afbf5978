import type { ComplianceConfig } from '../../kit/config/compliance.ts';

/** A Record of Processing Activities (GDPR Art. 30 (1)), made from the configuration. No value of anybody is in it. */
export interface Ropa {
  readonly at: string;
  /** Null, or null in it: to be filled in. */
  readonly controller: NonNullable<ComplianceConfig['controller']>;
  readonly legalBasis: string | null;
  readonly location: string | null;
  readonly logs: string | null;
  readonly transfers: string | null;
  /** What the law asks for and only the administrator knows: keys of the configuration, with what belongs there. */
  readonly toFillIn: readonly { readonly key: string; readonly what: string }[];
  readonly activities: readonly Activity[];
  /** What the service keeps besides the contacts, and how long. */
  readonly kept: readonly Kept[];
  /** Art. 32 (1). */
  readonly safeguards: readonly Safeguard[];
}

/** One job. */
export interface Activity {
  readonly job: string;
  readonly kind: string;
  readonly purpose: string;
  /** Categories of people, each with the rules of the configuration by which they are meant. */
  readonly people: readonly { readonly who: string; readonly rules: readonly string[] }[];
  readonly data: {
    /** Exactly what is written into contacts, by the names of contact fields. */
    readonly fields: readonly string[];
    readonly photos: boolean;
    /** What is read of people in the directory for it, and not kept. */
    readonly read: readonly string[];
    /** What stays empty for members of groups. */
    readonly withheld: readonly { readonly fields: readonly string[]; readonly groups: readonly string[] }[];
  };
  readonly recipients: readonly string[];
  readonly erasure: readonly string[];
  readonly transfers: readonly string[];
}

export interface Kept {
  readonly where: string;
  readonly what: string;
  readonly until: string;
}

export interface Safeguard {
  readonly what: string;
  readonly how: string;
}
