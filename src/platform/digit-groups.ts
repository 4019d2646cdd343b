/** 30000000 as `30,000,000`. Without toLocaleString(), whose language tables take 5 MB of memory. */
export function digitGroups(number: number): string {
  return String(number).replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ',')
}
