import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Language, Parser, type Node } from 'web-tree-sitter';
import { ARGUMENTS as EXCHANGE_ARGUMENTS } from '../../src/exchange/pwsh-script.ts';
import { EVENT_LOG_ARGUMENTS, EVENT_SOURCE } from '../../src/kit/event-log-script.ts';
import { ROOT } from '../house/sources.ts';
import { nodesIn } from './bicep.ts';

/*
 * There is neither Windows nor PowerShell where this runs: the scripts are parsed, and held against lists. What that cannot show
 * stands in deploy/windows/README.md.
 */

const GRAMMAR = createRequire(import.meta.url).resolve(
  '@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm',
);
const SCRIPTS = ['install.ps1', 'uninstall.ps1'] as const;
const read = (name: string): string => readFileSync(path.join(ROOT, 'deploy/windows', name), 'utf8');

/** Of Windows PowerShell 5.1 (learn.microsoft.com/powershell/module/?view=powershell-5.1), and functions of the scripts. */
const COMMANDS = new Set(
  'Confirm-Folder Expand-Archive Get-Acl Get-ChildItem Get-FileHash Get-Item Get-Service Join-Path New-EventLog New-Item New-Object New-Service Out-Null Remove-EventLog Remove-Item Resolve-Path Select-Object Set-Content Set-StrictMode Stop-Service Test-Path Where-Object Write-Output sc.exe Invoke-Native New-ClosedFolder'.split(
    ' ',
  ),
);
/** What PowerShell itself gives (about_Automatic_Variables), and the environment. */
const GIVEN = /^\$(?:_|null|true|false|LASTEXITCODE|PSScriptRoot|ErrorActionPreference|env:\w+)$/i;

let parse: (text: string) => Node;
beforeAll(async () => {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(GRAMMAR));
  parse = (text) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error('A script was not parsed.');
    return tree.rootNode;
  };
});

function scriptIn(args: readonly string[]): string {
  return Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le');
}

/** `$name` for `$Name`, `${name}` and `$name` inside a text. */
function variablesIn(text: string): Set<string> {
  const code = text.replaceAll(/<#[\s\S]*?#>|^\s*#.*$/gm, '');
  return new Set(
    Array.from(code.matchAll(/\$(?:\{(\w+)\}|((?:env:)?\w+))/gi), ([, braced, plain]) =>
      `$${braced ?? plain ?? ''}`.toLowerCase(),
    ),
  );
}

function assignedIn(text: string): Set<string> {
  const assigned = text.matchAll(/(?:^\s*|\] |\()\$(\w+)(?= =| in |,|\)|$)/gm);
  return new Set(Array.from(assigned, ([, name = '']) => `$${name}`.toLowerCase()));
}

describe.each(SCRIPTS)('%s', (name) => {
  test('is PowerShell, in letters that every version reads alike', () => {
    const text = read(name);
    expect(parse(text).hasError).toBe(false);
    // Without a byte order mark 5.1 takes a file for the code page of the machine.
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    for (const line of [
      '#Requires -Version 5.1',
      '#Requires -PSEdition Desktop',
      '#Requires -RunAsAdministrator',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toContain("Set-StrictMode -Version Latest\n$ErrorActionPreference = 'Stop'\n");
  });

  test('calls nothing that Windows PowerShell does not have, and fetches nothing', () => {
    const commands = [...nodesIn(parse(read(name)))]
      .filter(({ type }) => type === 'command_name')
      .map(({ text }) => text);
    expect(commands.length).toBeGreaterThan(5);
    expect(commands.filter((one) => !COMMANDS.has(one))).toEqual([]);
    expect(read(name)).not.toMatch(/https?:|WebClient|Invoke-(?:WebRequest|RestMethod|Expression)/i);
  });

  test('uses no name that it does not give', () => {
    const text = read(name);
    const [used, assigned] = [variablesIn(text), assignedIn(text)];
    expect(used.size).toBeGreaterThan(4);
    expect([...used].filter((one) => !GIVEN.test(one) && !assigned.has(one))).toEqual([]);
  });

  test('speaks of the service and of its source by one name', () => {
    expect(read(name)).toContain(`$name = '${EVENT_SOURCE}'\n`);
  });
});

test('the checks can fail', () => {
  expect(parse('if ($x { 1 }').hasError).toBe(true);
  expect([...variablesIn('"${folder}\\$rest $env:Path"')]).toEqual(['$folder', '$rest', '$env:path']);
  expect(assignedIn('$a = 1\nfunction F([string] $b, [int] $c) { $d }\nforeach ($e in $f) { }')).toEqual(
    new Set(['$a', '$b', '$c', '$e']),
  );
});

test('and a name that was misspelled would be seen', () => {
  const text = read('install.ps1').replace('$hostFolder = ', '$hostFolders = ');
  const assigned = assignedIn(text);
  expect([...variablesIn(text)].filter((one) => !GIVEN.test(one) && !assigned.has(one))).toEqual([
    '$hostfolder',
  ]);
});

test('the service is given its options, and no secret', () => {
  const text = read('install.ps1');
  const [, command = ''] = /\$command = @\(\n([\s\S]*?)\n\) -join ' '/.exec(text) ?? [];
  expect(command).toContain('" run --name $name"');
  expect(command).toContain('run --event-log --config');
  expect(command).toContain('--restart-if-not 0,2 ');
  expect(command).toContain('--kill-process-tree');
  expect(command).not.toContain('--env');
  expect(text).toContain('$account = "NT SERVICE\\$name"');
  expect(text).toMatch(/\$ShawlSha256 = '[0-9a-f]{64}'/);
});

test('the service cannot start before it has its account and its folders', () => {
  const text = read('install.ps1');
  expect(text).toContain('-StartupType Disabled');
  const last = text.indexOf("'start=', 'delayed-auto'");
  for (const before of ['obj=', 'privs', 'New-ClosedFolder "$folder\\logs" \'M\'', 'Set-Content'])
    expect(text.indexOf(before), before).toBeLessThan(last);
  expect(text.lastIndexOf('Invoke-Native')).toBeLessThan(last);
  // A path that ends with a backslash would take the quotation mark behind it along.
  expect(text).toContain("(Resolve-Path -LiteralPath $Program).Path.TrimEnd('\\')\n");
});

test('a folder that somebody else made is refused before anything is done, and no right of before stays', () => {
  const text = read('install.ps1');
  const [, confirm = ''] = /function Confirm-Folder[^\n]*\{\n([\s\S]*?)\n\}/.exec(text) ?? [];
  expect(confirm).toContain("@('S-1-5-32-544', 'S-1-5-18') -notcontains");
  expect(confirm).toContain('throw "$Path belongs to');
  expect(confirm).toContain('ReparsePoint');
  expect(text.indexOf('{ Confirm-Folder $one }')).toBeLessThan(text.indexOf('New-Service -Name'));
  const [, close = ''] = /function New-ClosedFolder[^\n]*\{\n([\s\S]*?)\n\}/.exec(text) ?? [];
  const steps = [
    "'/setowner', $administrators, '/t'",
    "$Path, '/reset'",
    '/inheritance:r',
    "*\", '/reset', '/t'",
  ];
  const at = steps.map((step) => close.indexOf(step));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((one, other) => one - other));
});

test.each([
  ['the Event Log', EVENT_LOG_ARGUMENTS],
  ['Exchange', EXCHANGE_ARGUMENTS],
])('what PowerShell is started with for %s is PowerShell', (_what, args) => {
  expect(args.slice(0, -1)).toEqual(['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand']);
  const script = scriptIn(args);
  expect(script.length).toBeGreaterThan(300);
  expect(parse(script).hasError).toBe(false);
});
