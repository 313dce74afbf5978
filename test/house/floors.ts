import type { Edge } from './imports.ts';

/** A room: the floor it stands on, the rooms or files it may import, and the packages that only it may use. */
interface Room {
  readonly floor: number;
  readonly sees: readonly string[];
  readonly packages: readonly string[];
}

const GROUND = ['src/model', 'src/kit'] as const;
const DRIVERS = ['src/pictures', 'src/graph', 'src/exchange', 'src/queue', 'src/ledger'] as const;

/** The house. Imports go down only, and not everything that lies below is everybody's business. */
export const rooms: Readonly<Record<string, Room>> = {
  'src/model': { floor: 0, sees: [], packages: [] },
  'src/kit': { floor: 0, sees: [], packages: ['better-sqlite3', 'pino', 'yaml'] },
  'src/engine': { floor: 1, sees: GROUND, packages: [] },
  'src/graph': {
    floor: 2,
    sees: [...GROUND, 'src/engine'],
    packages: ['@azure/msal-node', '@microsoft/microsoft-graph-client'],
  },
  'src/exchange': { floor: 2, sees: [...GROUND, 'src/engine'], packages: [] },
  'src/pictures': { floor: 2, sees: GROUND, packages: ['sharp'] },
  'src/queue': {
    floor: 2,
    sees: [...GROUND, 'src/engine'],
    packages: ['better-sqlite3', '@azure/service-bus', 'long'],
  },
  'src/ledger': { floor: 2, sees: [...GROUND, 'src/engine'], packages: ['better-sqlite3', 'kysely', 'pg'] },
  // A source or target is where a driver of the other side meets the engine's words; stores are not its business.
  'src/sources': { floor: 3, sees: [...GROUND, 'src/engine', 'src/graph'], packages: [] },
  'src/targets': { floor: 3, sees: [...GROUND, 'src/engine', 'src/graph', 'src/exchange'], packages: [] },
  'src/jobs': { floor: 4, sees: [...GROUND, 'src/engine'], packages: ['libphonenumber-js'] },
  // The receiver stands in the open: it can reach neither the ledger nor the directory.
  webhooks: { floor: 4, sees: [...GROUND, 'src/engine/queue-port.ts'], packages: ['express'] },
  'src/dashboard': { floor: 4, sees: [...GROUND, 'src/engine'], packages: ['express'] },
  'src/run': {
    floor: 5,
    sees: [
      ...GROUND,
      'src/engine',
      ...DRIVERS,
      'src/sources',
      'src/targets',
      'src/jobs',
      'webhooks',
      'src/dashboard',
    ],
    packages: [
      'croner',
      'prom-client',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
    ],
  },
  'src/cli': { floor: 6, sees: [...GROUND, 'src/run', 'package.json'], packages: ['commander'] },
};

/** Who names a test: the demo lives with the simulated tenant, and is started as a process of its own. */
const STARTS_A_TEST = 'src/cli/demo.ts -> test/demo/main.ts';

/** `src/engine` for `src/engine/expand.ts`, `webhooks` for whatever lies there; null outside the house. */
export function roomOf(file: string): string | null {
  return Object.keys(rooms).find((room) => file.startsWith(`${room}/`)) ?? null;
}

/** What breaks the plan of the house, one line each. */
export function floorFaults(edges: readonly Edge[]): string[] {
  return edges.flatMap((edge) => {
    const fault = faultOf(edge);
    return fault === null ? [] : [`${edge.from}:${edge.line}: ${edge.to}: ${fault}`];
  });
}

function faultOf({ from, to, kind }: Edge): string | null {
  if (from.startsWith('test/')) return null;
  const name = roomOf(from);
  const room = name === null ? undefined : rooms[name];
  if (room === undefined) return 'the importing file stands in no room of the house';
  if (to.startsWith('test/')) {
    const allowed = kind === 'file' && `${from} -> ${to}` === STARTS_A_TEST;
    return allowed ? null : 'test/ is imported by nobody';
  }
  if (to.startsWith('node:')) return builtinFault(name, to);
  if (!isPath(to)) return room.packages.includes(to) ? null : `${name} does not use this package`;
  if (roomOf(to) === name || room.sees.some((seen) => to === seen || to.startsWith(`${seen}/`))) return null;
  return `${name} may not see this`;
}

/** Domain words are pure but for a keyed digest; decisions touch nothing at all. */
function builtinFault(room: string | null, module: string): string | null {
  if (room === 'src/engine') return 'the engine has no I/O';
  if (room === 'src/model' && module !== 'node:crypto') return 'the model is pure';
  return null;
}

function isPath(to: string): boolean {
  return /^(?:src|webhooks|test|deploy)\//.test(to) || to === 'package.json' || to.startsWith('..');
}

/** Everything that is loaded when `start` is: files, packages and `node:` modules. */
export function loadedBy(start: readonly string[], edges: readonly Edge[]): Set<string> {
  const byFile = Map.groupBy(edges, (edge) => edge.from);
  const loaded = new Set<string>();
  const waiting = [...start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    for (const edge of byFile.get(file) ?? []) if (!edge.typeOnly) waiting.push(edge.to);
  }
  return loaded;
}
