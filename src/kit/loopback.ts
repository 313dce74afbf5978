/** Whether a host is called by a name of this machine's own; as `URL.hostname` has it. */
export function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a connection comes from this machine: by its own address, never by a header. */
export function isFromLoopback({
  remoteAddress = '',
}: {
  readonly remoteAddress?: string | undefined;
}): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$|^::1$/.test(remoteAddress);
}
