import { readFileSync } from 'node:fs';

/** A command of the page, as it is typed, and what it exits with. */
export interface Typed {
  readonly text: string;
  readonly code: number;
}

export interface Section {
  readonly title: string;
  /** Without its code. */
  readonly prose: string;
  readonly blocks: readonly (readonly Typed[])[];
}

const PAGE = new URL('../../../deploy/runbook.md', import.meta.url);

/** `###` sections of a `##` part of the runbook, in their order; of a part that has none, the part itself. */
export function sectionsOf(part: string): readonly Section[] {
  const whole = partsOf(readFileSync(PAGE, 'utf8'), '## ').get(part);
  if (whole === undefined) throw new Error(`The runbook has no part "${part}".`);
  const inner = [...partsOf(whole, '### ')];
  return (inner.length === 0 ? [[part, whole] as const] : inner).map(([title, text]) => ({
    title,
    prose: text.replaceAll(/```[\s\S]*?```/g, ''),
    blocks: blocksOf(text),
  }));
}

/** Headings of the parts that hold commands. */
export function partsWithCommands(): readonly string[] {
  const parts = [...partsOf(readFileSync(PAGE, 'utf8'), '## ')];
  return parts.filter(([, text]) => text.includes('```')).map(([title]) => title);
}

/** What stands between each heading of a level and the next. */
function partsOf(text: string, mark: string): Map<string, string> {
  const [, ...parts] = `\n${text}`.split(`\n${mark}`);
  return new Map(
    parts.map((part) => {
      const [title = ''] = part.split('\n', 1);
      return [title, part.slice(title.length)];
    }),
  );
}

function blocksOf(text: string): (readonly Typed[])[] {
  const fences = text.match(/^```/gm)?.length ?? 0;
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  if (blocks.length * 2 !== fences) throw new Error('A block of the runbook is not one of commands.');
  return blocks.map((block) => linesOf(block).map(typed));
}

/** A function is one command, and so is what goes on behind a backslash. */
function linesOf(block: string): string[] {
  if (block.includes('() {')) return [block.trim()];
  return block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function typed(text: string): Typed {
  const [, comment = ''] = / #(.*)$/.exec(text) ?? [];
  return { text, code: Number(/exits (\d+)/.exec(comment)?.[1] ?? 0) };
}
