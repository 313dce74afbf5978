import path from 'node:path';
import { errorCode } from '../errno.ts';
import type { ReadingConfig } from './config.ts';
import type { Place, Problem } from './cursor.ts';
import type { FileValues } from './file.ts';
import { nearMiss } from './near-miss.ts';
import { Secret, type SecretReference } from './secret.ts';

/** A configuration on its way from what stands in the file to what the program works with. */
export interface Resolving extends Omit<ReadingConfig, 'secrets'> {
  /** Of the part that is at hand. */
  readonly secrets: 'read' | 'unread';
  readonly problems: Problem[];
}

export interface Located<T> {
  readonly value: T;
  readonly place: Place;
}

/** What a reference leads to. It was reported when it leads nowhere; a file is read again each time `fresh` is asked. */
export function follow({ value, place }: Located<SecretReference>, resolving: Resolving): Secret {
  const reference = `${value.from}:${value.name}`;
  if (resolving.secrets === 'unread') return new Secret(reference, undefined);
  if (value.from === 'env') {
    const text = resolving.env[value.name]?.trim() ?? '';
    if (text === '') report(resolving, place, `the environment variable ${value.name} is not set`);
    return new Secret(reference, text === '' ? undefined : text);
  }
  const absolute = absoluteOf(value.name, resolving);
  const read = (): string => resolving.readFile(absolute).trim();
  try {
    return new Secret(reference, read(), read);
  } catch (fault) {
    report(resolving, place, `the file ${absolute} cannot be read (${errorCode(fault)})`);
    return new Secret(reference, undefined);
  }
}

/** Relative paths start from the folder of the configuration. */
export function absoluteOf(name: string, { file }: Pick<Resolving, 'file'>): string {
  return path.resolve(path.dirname(file), name);
}

export function report(resolving: Resolving, place: Place, message: string): void {
  resolving.problems.push({ ...place, message });
}

/** The tenant of that id; reported when there is none. */
export function demandTenant(
  tenant: Located<string>,
  values: FileValues,
  resolving: Resolving,
): FileValues['tenants'][number] | undefined {
  const found = values.tenants.find(({ id }) => id === tenant.value);
  if (found !== undefined) return found;
  const known = values.tenants.map(({ id }) => id);
  const meant = nearMiss(tenant.value, known);
  const help = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`;
  report(resolving, tenant.place, `no such tenant in this file: ${help}`);
  return undefined;
}
