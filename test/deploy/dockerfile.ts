import { existsSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../house/sources.ts';

const FOLDER = path.join(ROOT, 'deploy/docker');

/** One instruction, its lines joined, comments left out. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export const dockerfileText = readFileSync(path.join(FOLDER, 'Dockerfile'), 'utf8');

export function instructionsOf(text: string): Instruction[] {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

export function only(instructions: readonly Instruction[], name: string): string {
  const found = instructions.filter((one) => one.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${name}`);
  return first.rest;
}

/** Of an instruction in the form that starts a program without a shell. */
export function argumentsOf(rest: string): string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[];
}

/** What the final image takes from the repository, and where it puts it. */
export function copiesOf(instructions: readonly Instruction[]): { from: string; to: string }[] {
  return instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => {
      const words = rest.split(/\s+/);
      const to = words.pop() ?? '';
      return words.map((from) => ({ from, to }));
    });
}

/** What `Dockerfile.dockerignore` lets through: everything is left out but the names behind the exclamation marks. */
export function sentToTheBuilder(): string[] {
  const lines = readFileSync(path.join(FOLDER, 'Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.shift() !== '*') throw new Error('The list does not begin by leaving everything out.');
  return lines.map((line) => {
    if (!line.startsWith('!')) throw new Error(`Not an exception: ${line}`);
    return line.slice(1);
  });
}

/** Copies as the builder would, into an empty folder that stands for /app. */
export async function copyAsTheBuilder(instructions: readonly Instruction[], app: string): Promise<void> {
  const sent = new Set(sentToTheBuilder());
  await mkdir(app, { recursive: true });
  for (const { from, to } of copiesOf(instructions)) {
    if (!sent.has(from)) throw new Error(`${from} is not sent to the builder.`);
    if (!existsSync(path.join(ROOT, from))) throw new Error(`${from} does not exist.`);
    const target = path.resolve(app, to);
    const isFolder = statSync(path.join(ROOT, from)).isDirectory();
    await cp(path.join(ROOT, from), isFolder ? target : path.join(target, from), { recursive: true });
  }
}
