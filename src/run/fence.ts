/** A port that asks `admit` before every call, also those of the books in it: what throws there never reaches it. */
export function fenced<Port extends object>(port: Port, admit: () => void): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return fenced(value, admit);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        admit();
        return Reflect.apply(value, target, given);
      };
    },
  });
}
