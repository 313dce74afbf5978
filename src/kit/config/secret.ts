import type { Shape } from './shapes.ts';
import { word } from './words.ts';

/** Where a secret lies: an environment variable, or a file relative to the configuration. */
export interface SecretReference {
  readonly from: 'env' | 'file';
  readonly name: string;
}

/**
 * A secret that was read, or deliberately not read by commands that need none. It shows its reference, never
 * its value, when it is logged or printed.
 */
export class Secret {
  /** `env:NAME` or `file:PATH`. */
  readonly reference: string;
  readonly #value: string | undefined;
  readonly #again: (() => string) | undefined;

  /** `again`: reads it afresh, where it can change while the program runs. */
  constructor(reference: string, value: string | undefined, again?: () => string) {
    this.reference = reference;
    this.#value = value;
    this.#again = again;
  }

  get isRead(): boolean {
    return this.#value !== undefined;
  }

  /** As it is now: a file is read again. Throws when that fails. */
  fresh(): string {
    return this.#again === undefined ? this.text() : this.#again();
  }

  /** Throws when the configuration was loaded without its secrets. */
  text(): string {
    if (this.#value === undefined) throw new Error(`${this.reference} was not read by this command`);
    return this.#value;
  }

  /** The text as UTF-8. */
  bytes(): Uint8Array {
    return new TextEncoder().encode(this.text());
  }

  toJSON(): string {
    return this.reference;
  }
}

const REFERENCE = /^(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:(\S(?:.*\S)?))$/;

/** A reference; a secret written into the file itself is refused. */
export const secretReference: Shape<SecretReference> = word({
  expected: 'a reference, env:NAME or file:PATH, never the secret itself',
  json: { pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:\\S(.*\\S)?)$' },
  parse: parseReference,
});

/** A certificate is a file by nature, so its plain path will do as well. */
export const certificateReference: Shape<SecretReference> = word({
  expected: 'the path of a PEM file with certificate and private key (or env:NAME), never the PEM itself',
  json: { pattern: '^(?!.*-----BEGIN)\\S(.*\\S)?$' },
  parse(text) {
    if (/^(env|file):/.test(text)) return parseReference(text);
    return /^(?!.*-----BEGIN)\S(.*\S)?$/.test(text) ? { from: 'file', name: text } : undefined;
  },
});

function parseReference(text: string): SecretReference | undefined {
  const match = REFERENCE.exec(text);
  if (match?.[1] !== undefined) return { from: 'env', name: match[1] };
  if (match?.[2] !== undefined) return { from: 'file', name: match[2] };
  return undefined;
}
