/** The system's code of a failed call, such as `ENOENT`; never its message, which may quote a path or more. */
export function errorCode(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null || !('code' in fault)) return 'unknown error';
  return typeof fault.code === 'string' ? fault.code : 'unknown error';
}
