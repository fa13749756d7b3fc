/** Random lower-case letters and digits, 5 bits of chance each; `random` as in Ports. */
export function makeId(random: () => number, length: number): string {
  let id = ''
  while (id.length < length) id += Math.floor(random() * 36).toString(36)
  return id
}
