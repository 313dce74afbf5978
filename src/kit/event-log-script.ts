import { scriptArguments } from './powershell.ts';

/** As deploy/windows/install.ps1 registers it, in the log `Application`. */
export const EVENT_SOURCE = 'contact-sync';

/**
 * Reads one JSON object a line, writes it to the Event Log, and answers with one. Nothing of what comes in becomes part of a script.
 * Of a failure it tells the kind alone: its text may be in any language, and quote what was to be written.
 */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
$utf8 = New-Object Text.UTF8Encoding $false
$reader = New-Object IO.StreamReader ([Console]::OpenStandardInput()), $utf8
$writer = New-Object IO.StreamWriter ([Console]::OpenStandardOutput()), $utf8
while ($null -ne ($line = $reader.ReadLine())) {
  $answer = '{}'
  try {
    $entry = ConvertFrom-Json -InputObject $line
    [Diagnostics.EventLog]::WriteEntry('${EVENT_SOURCE}', [string] $entry.text, [Diagnostics.EventLogEntryType] $entry.type, [int] $entry.id)
  } catch {
    $kind = $_.Exception
    while ($null -ne $kind.InnerException) { $kind = $kind.InnerException }
    $answer = ConvertTo-Json -InputObject @{ error = $kind.GetType().Name } -Compress
  }
  $writer.WriteLine($answer)
  $writer.Flush()
}
`;

export const EVENT_LOG_ARGUMENTS = scriptArguments(SCRIPT);
