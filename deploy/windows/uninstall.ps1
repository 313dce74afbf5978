<#
.SYNOPSIS
Takes the Windows service of entra-contact-sync away. Data, configuration, secrets and logs stay.

.DESCRIPTION
Stops the service in order, which may take as long as what is in hand (90 s at most), and removes the service, its host and the source
of its events. What is in %ProgramData%\contact-sync stays: without the files "deployment" and "fingerprint.key" a later installation
would not know its own contacts. To take the contacts back from the mailboxes, run "revert" before.

.EXAMPLE
.\uninstall.ps1
#>
#Requires -Version 5.1
#Requires -PSEdition Desktop
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
  # Entries that are there already show their text only while the source is registered.
  [switch] $KeepEventSource
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$name = 'contact-sync'

if (Get-Service -Name $name -ErrorAction SilentlyContinue) {
  Stop-Service -Name $name
  (Get-Service -Name $name).WaitForStatus('Stopped', [TimeSpan]::FromSeconds(120))
  & sc.exe delete $name | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "sc.exe delete $name ended with $LASTEXITCODE. Close the window of services, and run this again." }
}

$hostFolder = "$env:ProgramFiles\$name-host"
if (Test-Path -LiteralPath $hostFolder) { Remove-Item -LiteralPath $hostFolder -Recurse -Force }
if (-not $KeepEventSource -and [Diagnostics.EventLog]::SourceExists($name)) { Remove-EventLog -Source $name }

Write-Output "Removed: the service $name. $env:ProgramData\$name is as it was; remove it by hand when nobody needs it any more."
