<#
.SYNOPSIS
Installs entra-contact-sync as a Windows service.

.DESCRIPTION
The service runs as a virtual account of its own (NT SERVICE\contact-sync), which exists on this machine alone, has no password and may
read the program and its configuration, and write its data and logs. It is hosted by Shawl, which is not downloaded here: fetch the
archive yourself, and this script checks that it is the one that was meant. README.md beside this file tells the steps.

.EXAMPLE
.\install.ps1 -Shawl C:\Users\me\Downloads\shawl-v1.9.0-win64.zip
#>
#Requires -Version 5.1
#Requires -PSEdition Desktop
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
  # The archive of Shawl 1.9.0 for 64-bit Windows, as its author released it.
  [Parameter(Mandatory = $true)]
  [string] $Shawl,

  # Of another one, when you have looked at it yourself.
  [ValidatePattern('^[0-9A-Fa-f]{64}$')]
  [string] $ShawlSha256 = 'f883c5d09c9beae2efaeabd8513e7d3f57cd1d0864cec3df4f4a7b6ee904351c',

  # Where the program lies, with its packages (npm ci --omit=dev).
  [string] $Program = (Join-Path $PSScriptRoot '..\..')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# One name for the service, its account and the source of its events.
$name = 'contact-sync'
$account = "NT SERVICE\$name"
$administrators = '*S-1-5-32-544'
$system = '*S-1-5-18'

# Runs a program of Windows; anything but success ends the installation.
function Invoke-Native([string] $File, [string[]] $Words) {
  & $File @Words | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "$File $($Words -join ' ') ended with $LASTEXITCODE. What was done so far stays; uninstall.ps1 takes it back." }
}

# Below ProgramData everybody may make folders. Who owns one may open it again for themselves, and a link leads elsewhere.
function Confirm-Folder([string] $Path) {
  if (-not (Test-Path -LiteralPath $Path)) { return }
  $acl = Get-Acl -LiteralPath $Path
  if (@('S-1-5-32-544', 'S-1-5-18') -notcontains $acl.GetOwner([Security.Principal.SecurityIdentifier]).Value) {
    throw "$Path belongs to $($acl.Owner), not to administrators: nothing was installed. Move it away; or when you know all that is in it: icacls.exe `"$Path`" /setowner $administrators"
  }
  $links = @(Get-Item -LiteralPath $Path -Force) + @(Get-ChildItem -LiteralPath $Path -Force -Recurse) | Where-Object { $_.Attributes -band [IO.FileAttributes]::ReparsePoint }
  foreach ($link in $links) { throw "$($link.FullName) is a link that leads elsewhere: nothing was installed. Remove it first." }
}

# Makes a folder in which nobody may do anything but administrators, the system, and the service what is said here; whatever rights
# stood there before are gone. What is in it comes last: its rights are then those of a folder that is closed.
function New-ClosedFolder([string] $Path, [string] $Rights) {
  New-Item -ItemType Directory -Force -Path $Path | Out-Null
  Invoke-Native 'icacls.exe' @($Path, '/setowner', $administrators, '/t', '/q')
  Invoke-Native 'icacls.exe' @($Path, '/reset', '/q')
  Invoke-Native 'icacls.exe' @($Path, '/inheritance:r', '/grant:r', "${administrators}:(OI)(CI)F", "${system}:(OI)(CI)F", "${sid}:(OI)(CI)$Rights", '/q')
  if (@(Get-ChildItem -LiteralPath $Path -Force).Count -gt 0) { Invoke-Native 'icacls.exe' @("$Path\*", '/reset', '/t', '/q') }
}

$Program = (Resolve-Path -LiteralPath $Program).Path.TrimEnd('\')
if (-not $Program.StartsWith("$env:ProgramFiles\", [StringComparison]::OrdinalIgnoreCase)) {
  throw "The program lies in $Program. Put it below $env:ProgramFiles, where only administrators may change it: whoever can change it is the service."
}
if (Get-Service -Name $name -ErrorAction SilentlyContinue) {
  throw "There is a service $name already: take it away with uninstall.ps1, which keeps data and configuration."
}
$folder = "$env:ProgramData\$name"
foreach ($one in @($folder, "$folder\configuration", "$folder\data", "$folder\logs")) { Confirm-Folder $one }

# The Node that came with the packages, else the one of the machine.
$node = @("$Program\node_modules\node\bin\node.exe", "$env:ProgramFiles\nodejs\node.exe") | Where-Object { Test-Path -LiteralPath $_ } | Select-Object -First 1
if ($null -eq $node) { throw "There is no Node. Run 'npm ci --omit=dev' in $Program, or install Node 24.12 or newer for all users." }
$entry = "$Program\src\cli\contact-sync.mjs"
& $node $entry --version | Out-Null
if ($LASTEXITCODE -ne 0) { throw "$node cannot start $entry. Run 'npm ci --omit=dev' in $Program; Node has to be 24.12 or newer." }

if ((Get-FileHash -LiteralPath $Shawl -Algorithm SHA256).Hash -ne $ShawlSha256) {
  throw "$Shawl is not the archive that was meant: its SHA-256 differs from $ShawlSha256."
}
$hostFolder = "$env:ProgramFiles\$name-host"
Expand-Archive -LiteralPath $Shawl -DestinationPath $hostFolder -Force
$shawlExe = "$hostFolder\shawl.exe"
if (-not (Test-Path -LiteralPath $shawlExe)) { throw "There is no shawl.exe in $Shawl." }

$configuration = "$folder\configuration\contact-sync.yaml"

# Ctrl+C first, and 90 s to finish what is in hand. A wrong configuration (2) is not cured by trying again. Nothing secret stands
# here: Shawl writes its own command line into its log, and everybody may read the registry.
$command = @(
  "`"$shawlExe`" run --name $name"
  '--stop-timeout 90000 --restart-if-not 0,2 --restart-delay 5000 --kill-process-tree'
  "--cwd `"$Program`" --log-dir `"$folder\logs`" --log-cmd-as $name --log-rotate daily --log-retain 30"
  "-- `"$node`" `"$entry`" run --event-log --config `"$configuration`""
) -join ' '

# Until all is set it cannot start: a new service would run as the system.
New-Service -Name $name -BinaryPathName $command -DisplayName 'entra-contact-sync' -StartupType Disabled `
  -Description 'Puts the company directory into the contacts of every mailbox, and keeps it there.' | Out-Null
Invoke-Native 'sc.exe' @('config', $name, 'obj=', $account)
Invoke-Native 'sc.exe' @('sidtype', $name, 'unrestricted')
# Of the rights that service accounts have, the one without which no folder can be walked through.
Invoke-Native 'sc.exe' @('privs', $name, 'SeChangeNotifyPrivilege')
# When the host itself is gone: after 5 s, 30 s, then every minute; counted anew after a day.
Invoke-Native 'sc.exe' @('failure', $name, 'reset=', '86400', 'actions=', 'restart/5000/restart/30000/restart/60000')

$sid = '*' + (New-Object Security.Principal.NTAccount $account).Translate([Security.Principal.SecurityIdentifier]).Value
New-ClosedFolder $folder 'RX'
New-ClosedFolder "$folder\configuration" 'RX'
New-ClosedFolder "$folder\data" 'M'
New-ClosedFolder "$folder\logs" 'M'

if (-not [Diagnostics.EventLog]::SourceExists($name)) { New-EventLog -LogName Application -Source $name }

# For commands beside the service.
Set-Content -LiteralPath "$hostFolder\contact-sync.cmd" -Encoding Ascii -Value "@`"$node`" `"$entry`" %* --config `"$configuration`""

Invoke-Native 'sc.exe' @('config', $name, 'start=', 'delayed-auto')

Write-Output "Installed: $name, as $account, not started yet."
Write-Output "  configuration  $configuration (data: $folder\data; secrets as file:NAME beside it)"
Write-Output "  logs           $folder\logs, and the Event Log: Application, source $name"
Write-Output "  commands       $hostFolder\contact-sync.cmd, as an administrator"
Write-Output "Next: put the configuration there, look with '$hostFolder\contact-sync.cmd doctor', then: Start-Service $name"
