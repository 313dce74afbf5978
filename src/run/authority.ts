/** What this process may do as the keeper, at this moment. */
export interface Authority {
  isKeeper(): boolean;
  /** A port that throws `lease-lost` instead of being called whenever this process is not the keeper. */
  fenced<Port extends object>(port: Port): Port;
  /** All processes at work have one configuration, as far as is known. */
  agrees(): boolean;
}

/** Of a process that is alone. */
export const SOLE: Authority = { isKeeper: () => true, fenced: (port) => port, agrees: () => true };
