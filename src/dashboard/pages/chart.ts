import { count } from '../../kit/counted.ts';
import { html, type Html } from '../html.ts';

export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What the picture says, in words: for whoever does not see it. */
  readonly summary: string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
  readonly kind: 'line' | 'bars';
  /** Width of a bar, in milliseconds. */
  readonly step: number;
}

/** In units of the drawing; it scales with the page. */
const WIDTH = 420;
const HEIGHT = 180;
const LEFT = 40;
const BOTTOM = 24;
const TOP = 8;
const HOURS = 6;
const HOUR_MS = 3_600_000;

/** Drawn here, as a picture without a script: rules for its colours are in the style sheet. */
export function chart(given: Chart): Html {
  const { id, title, summary, unit, points, from, to } = given;
  const most = niceAbove(Math.max(0, ...points.map(({ value }) => value)));
  const x = (at: number): number => LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  return html`<figure class="card chart">
    <figcaption><b>${title}</b> <span class="quiet">${summary}</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title">
      <title id="${id}-title">${title}: ${summary}</title>
      ${[0, most / 2, most].map(
        (value) =>
          html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" />
            <text class="tick end" x="${LEFT - 6}" y="${y(value) + 4}"
              >${count(value)}${value === most && unit}</text
            >`,
      )}
      ${hours(from, to).map(
        (at) =>
          html`<text class="tick middle" x="${x(at)}" y="${HEIGHT - 6}"
            >${new Date(at).toISOString().slice(11, 16)}</text
          >`,
      )}
      ${given.kind === 'line' ? lines(given, x, y) : bars(given, x, y)}
    </svg>
  </figure>`;
}

type Scale = (value: number) => number;

function bars({ points, step }: Chart, x: Scale, y: Scale): Html[] {
  const width = Math.max(1, x(step) - x(0) - 1);
  return points
    .filter(({ value }) => value > 0)
    .map(
      ({ at, value }) =>
        html`<rect
          class="bar"
          x="${round(x(at))}"
          y="${round(y(value))}"
          width="${round(width)}"
          height="${round(y(0) - y(value))}"
        />`,
    );
}

/** A gap in what was measured stays one. */
function lines({ points, step }: Chart, x: Scale, y: Scale): Html[] {
  const runs: Point[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run && before && point.at - before.at <= 2 * step) run.push(point);
    else runs.push([point]);
  }
  return runs.map((run) => {
    const path = run.map(({ at, value }) => `${round(x(at))},${round(y(value))}`);
    const [first, last] = [run[0]?.at ?? 0, (run.at(-1)?.at ?? 0) + step];
    const end = `${round(x(last))},${round(y(run.at(-1)?.value ?? 0))}`;
    return html`<polygon
        class="area"
        points="${round(x(first))},${y(0)} ${path.join(' ')} ${end} ${round(x(last))},${y(0)}"
      />
      <polyline class="line" points="${path.join(' ')} ${end}" />`;
  });
}

/** Even hours between the two. */
function hours(from: number, to: number): number[] {
  const step = HOURS * HOUR_MS;
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.max(0, Math.ceil((to - first) / step)) },
    (_, index) => first + index * step,
  ).filter((at) => at - from > HOUR_MS && to - at > HOUR_MS / 2);
}

/** 1, 2 or 5 with noughts, halves of which are whole from 2 on. */
function niceAbove(value: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [2, 4, 10]) if (value <= step * power) return step * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
