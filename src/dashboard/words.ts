import { html, type Html } from './html.ts';

const SECOND_MS = 1_000;
const STEPS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: SECOND_MS, name: 's' },
] as const;

/** "3 min", in the largest unit of which there is one. */
function span(ms: number): string {
  const step = STEPS.find((one) => Math.abs(ms) >= one.ms);
  return step === undefined ? 'a moment' : `${Math.round(Math.abs(ms) / step.ms)} ${step.name}`;
}

/** A time as people read it: how long ago or ahead, with the exact one for whoever looks closer. */
export function when(iso: string | null, now: number): Html {
  if (iso === null) return html`never`;
  const ms = Date.parse(iso) - now;
  const told = Math.abs(ms) < SECOND_MS ? 'now' : ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
  return html`<time datetime="${iso}" title="${iso}">${told}</time>`;
}
