import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { blank, type Blanked } from './blank.ts';

/** One source file: its place in the repository, with slashes, and its text. */
export interface Source extends Blanked {
  readonly path: string;
  readonly text: string;
}

/** Top of the repository. */
export const ROOT = path.join(import.meta.dirname, '../..');

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export function sourceOf(path: string, text: string): Source {
  return { path, text, ...blank(text) };
}

/** Every source file of the program and its tests, read once per test file. */
export function readSources(): Source[] {
  return ['src', 'webhooks', 'test']
    .flatMap(filesUnder)
    .filter((file) => SOURCE.test(file))
    .map((file) => sourceOf(file, readFileSync(path.join(ROOT, file), 'utf8')));
}

/** Every file below a folder of the repository. */
export function filesUnder(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .toSorted();
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** `file:line: what is wrong`, for every match of the pattern in the chosen view of the file. */
export function matches(
  source: Source,
  { in: view, pattern, what }: { in: 'text' | 'code' | 'bare'; pattern: RegExp; what: string },
): string[] {
  return Array.from(
    source[view].matchAll(pattern),
    (match) => `${source.path}:${lineAt(source.text, match.index)}: ${what}`,
  );
}
