/** 30000000 as `30,000,000`. Not by toLocaleString(), whose tables of all the world's languages take 5 MB of memory. */
export function digitGroups(number: number): string {
  return String(number).replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ',')
}
