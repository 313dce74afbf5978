/** The PowerShell that each Windows has; elsewhere the one that may be installed, for which some things are not there. */
export function powershell(): string {
  return process.platform === 'win32' ? 'powershell.exe' : 'pwsh';
}
