import type { Template } from '../kit/config/template.ts';
import type { AttributeName } from '../kit/config/field-names.ts';
import type { Person } from '../model/person.ts';

/** A piece of the text to be: what an attribute says is never taken apart, what the template says may have to go. */
interface Piece {
  readonly kind: 'value' | 'gap' | 'open' | 'close' | 'joint' | 'word';
  readonly text: string;
}

const GAP: Piece = { kind: 'gap', text: '' };
/** White space and what stands between two things; brackets; anything else is a word. */
const PIECES = /([\s,;:/|\\·•–—-]+)|([([{<«„“])|([)\]}>»”])|([^\s,;:/|\\·•–—([{<«„“)\]}>»”-]+)/gu;

/**
 * The text of a template, or null when no attribute in it has a value. An attribute without one takes its surroundings
 * along: brackets that would hold nothing, and the white space and punctuation that would join it to its neighbours, so
 * that one joint is left between two parts and none at either end. Words of the template stay.
 */
export function render(template: Template, person: Person): string | null {
  const pieces = template.flatMap((part) =>
    typeof part === 'string' ? piecesOf(part) : pieceOf(valueOf(person, part.attribute)),
  );
  const named = template.some((part) => typeof part !== 'string');
  if (named && pieces.every(({ kind }) => kind !== 'value')) return null;
  const text = joined(withoutEmptyBrackets(pieces)).trim();
  return text === '' ? null : text;
}

/** What an attribute says, of a list the first entry; null for nothing, the empty string and white space alone. */
export function valueOf(person: Person, attribute: AttributeName): string | null {
  return valuesOf(person, attribute)[0] ?? null;
}

/** Everything that an attribute says. */
export function valuesOf(person: Person, attribute: AttributeName): string[] {
  const value = person[attribute];
  const all = typeof value === 'string' ? [value] : (value ?? []);
  return all.map((one) => one.trim()).filter((one) => one !== '');
}

function pieceOf(value: string | null): Piece {
  return value === null ? GAP : { kind: 'value', text: value };
}

function piecesOf(literal: string): Piece[] {
  return Array.from(literal.matchAll(PIECES), ([text, joint, open, close]): Piece => {
    const kind =
      joint !== undefined ? 'joint' : open !== undefined ? 'open' : close !== undefined ? 'close' : 'word';
    return { kind, text };
  });
}

/** Brackets around nothing but gaps are a gap themselves, also inside others. */
function withoutEmptyBrackets(pieces: readonly Piece[]): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    kept.push(piece);
    if (piece.kind !== 'close') continue;
    const from = kept.findLastIndex(({ kind }) => kind === 'open');
    const inside = kept.slice(from + 1, -1);
    const isEmpty = inside.every(({ kind }) => kind === 'gap' || kind === 'joint');
    if (from >= 0 && isEmpty && inside.includes(GAP)) kept.splice(from, kept.length - from, GAP);
  }
  return kept;
}

/** Of the joints around a gap one stays where there are neighbours on both sides. */
function joined(pieces: readonly Piece[]): string {
  let text = '';
  for (let at = 0; at < pieces.length;) {
    const end = endOfRun(pieces, at);
    const run = pieces.slice(at, end);
    const [before, after] = [pieces[at - 1], pieces[end]];
    if (run.length === 0) text += pieces[at++]?.text ?? '';
    else {
      text += run.includes(GAP) ? jointOf(run, before, after) : run.map((piece) => piece.text).join('');
      at = end;
    }
  }
  return text;
}

function endOfRun(pieces: readonly Piece[], start: number): number {
  const end = pieces.findIndex(({ kind }, at) => at >= start && kind !== 'gap' && kind !== 'joint');
  return end < 0 ? pieces.length : end;
}

/** The first joint with punctuation, else the first; before a bracket the last, which leads up to it. */
function jointOf(run: readonly Piece[], before: Piece | undefined, after: Piece | undefined): string {
  const atAnEnd = !before || !after || before.kind === 'open' || after.kind === 'close';
  if (atAnEnd) return '';
  const joints = run.filter(({ kind }) => kind === 'joint').map(({ text }) => text);
  if (after.kind === 'open') return joints.at(-1) ?? '';
  return joints.find((joint) => joint.trim() !== '') ?? joints[0] ?? '';
}
