import type { Database } from 'better-sqlite3';

/** When statements begin to fail, and for how long. */
export interface Trouble {
  /** The statement that fails, counted from 1 since the trouble began; none when infinite. */
  at: number;
  /** Whether every statement after it fails as well: the process is dead. */
  dead: boolean;
  /** Statements executed so far. */
  count: number;
}

/** The same database, but its n-th statement throws instead of being executed. */
export function faultyDatabase(database: Database, trouble: Trouble): Database {
  const meet = (): void => {
    trouble.count++;
    if (trouble.count === trouble.at || (trouble.dead && trouble.count > trouble.at))
      throw new Error('planted fault');
  };
  const prepare = (text: string): unknown => {
    const statement = database.prepare(text);
    return {
      reader: statement.reader,
      all: (parameters: unknown[]) => {
        meet();
        return statement.all(parameters);
      },
      run: (parameters: unknown[]) => {
        meet();
        return statement.run(parameters);
      },
    };
  };
  return new Proxy(database, {
    get: (target, name): unknown => {
      if (name === 'prepare') return prepare;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Every row of every table, to compare before and after. */
export function contents(database: Database): Record<string, unknown[]> {
  const tables = database
    .prepare("select name from sqlite_master where type = 'table' order by name")
    .pluck()
    .all();
  return Object.fromEntries(
    tables.map((name) => [String(name), database.prepare(`select * from "${String(name)}"`).all()]),
  );
}
