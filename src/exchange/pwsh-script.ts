import { RECIPIENT_FIELDS } from '../model/card.ts';
import { CMDLETS } from './transport.ts';
import { scriptArguments } from '../kit/powershell.ts';

/** What is read of an object: a whole one has a hundred properties more. */
const PROPERTIES: readonly string[] = [
  'Guid',
  'Name',
  'Alias',
  'DisplayName',
  'ExternalEmailAddress',
  'EmailAddresses',
  'RecipientTypeDetails',
  'HiddenFromAddressListsEnabled',
  'IsDirSynced',
  'FirstName',
  'LastName',
  'Initials',
  'Title',
  'Department',
  'Company',
  'Office',
  'Phone',
  'MobilePhone',
  'HomePhone',
  'OtherTelephone',
  'Fax',
  'StreetAddress',
  'City',
  'StateOrProvince',
  'PostalCode',
  'CountryOrRegion',
  'WebPage',
  'Notes',
  'AssistantName',
  'Manager',
  ...RECIPIENT_FIELDS.filter((name) => name.startsWith('custom')).map((name) => `C${name.slice(1)}`),
];

/**
 * Reads one JSON object a line and answers with one. Nothing of what comes in becomes part of a script: a cmdlet is one of a
 * list, and its parameters are splatted. A filter is a parameter as well, and quoted where it is made (filters.ts).
 */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$utf8 = New-Object Text.UTF8Encoding $false
$reader = New-Object IO.StreamReader ([Console]::OpenStandardInput()), $utf8
$writer = New-Object IO.StreamWriter ([Console]::OpenStandardOutput()), $utf8
$allowed = @(${CMDLETS.map((name) => `'${name}'`).join(', ')})
$properties = @(${PROPERTIES.map((name) => `'${name}'`).join(', ')})
function Get-Plain($value) {
  if ($null -eq $value -or $value -is [bool] -or $value -is [string]) { return $value }
  if ($value -is [Collections.IEnumerable]) { return , @($value | ForEach-Object { [string] $_ }) }
  return [string] $value
}
while ($null -ne ($line = $reader.ReadLine())) {
  $answer = @{}
  try {
    $asked = ConvertFrom-Json -InputObject $line -AsHashtable
    if ($asked.kind -eq 'connect') {
      Import-Module ExchangeOnlineManagement
      Connect-ExchangeOnline -AccessToken $asked.token -AppId $asked.appId -Organization $asked.organization -ShowBanner:$false -CommandName $allowed
      $answer.rows = @()
    } elseif ($asked.kind -eq 'cmdlets') {
      $answer.rows = @(Get-Command -Name $allowed -ErrorAction SilentlyContinue | ForEach-Object { @{ exportedCmdlets = $_.Name } })
    } else {
      if ($allowed -cnotcontains $asked.cmdlet) { throw 'This cmdlet is not among those that may be asked for.' }
      $parameters = $asked.parameters
      $answer.rows = @(& $asked.cmdlet @parameters | ForEach-Object {
        $row = $_
        $plain = @{}
        foreach ($name in $properties) { if ($row.PSObject.Properties[$name]) { $plain[$name] = Get-Plain $row.$name } }
        $plain
      })
    }
  } catch {
    $answer.type = $_.Exception.GetType().FullName
    $answer.error = [string] $_.Exception.Message
    $answer.errorId = [string] $_.FullyQualifiedErrorId
  }
  $writer.WriteLine((ConvertTo-Json -InputObject $answer -Depth 5 -Compress))
  $writer.Flush()
}
`;

export const ARGUMENTS = scriptArguments(SCRIPT);
