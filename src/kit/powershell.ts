/** The PowerShell that each Windows has; elsewhere the one that may be installed, for which some things are not there. */
export function powershell(): string {
  return process.platform === 'win32' ? 'powershell.exe' : 'pwsh';
}

/** How a script of ours is handed to it: whole and encoded, so that nothing of it is quoted, and nothing else is read. */
export function scriptArguments(script: string): readonly string[] {
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded];
}
