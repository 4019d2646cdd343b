/** Writes 30000000 as `30,000,000`. It does not use toLocaleString(), whose language tables take 5 MB of memory. */
export function digitGroups(number: number): string {
  return String(number).replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ',')
}
