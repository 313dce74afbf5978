/** Filters in OPATH (learn.microsoft.com/powershell/exchange/recipient-filters). Values are quoted here and nowhere else. */

export function equals(property: string, value: string): string {
  return `(${property} -eq ${quoted(value)})`;
}

/** Texts that begin so. A star of one's own would be a wildcard: it has no business in what we look for. */
export function beginsWith(property: string, start: string): string {
  return `(${property} -like ${quoted(`${start.replaceAll('*', '')}*`)})`;
}

export function isSet(property: string): string {
  return `(${property} -ne $null)`;
}

export function anyOf(...filters: readonly string[]): string {
  return filters.length === 1 ? (filters[0] ?? '') : `(${filters.join(' -or ')})`;
}

export function allOf(...filters: readonly string[]): string {
  return filters.length === 1 ? (filters[0] ?? '') : `(${filters.join(' -and ')})`;
}

export function not(filter: string): string {
  return `(-not ${filter})`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
