/** A user of digestAuth. */
export interface DigestUser {
  readonly name: string
  readonly realm: string
  /** MD5 of `name:realm:password` in hexadecimal digits. */
  readonly ha1: string
}

/**
 * Reads `name:realm:HA1` entries; of two entries for a name and realm the last one wins. Returns an error text when an entry has not exactly two
 * colons; it names the entry by its number, since the entry itself is a secret.
 */
export function parseDigestUsers(entries: readonly string[]): readonly DigestUser[] | { readonly error: string } {
  const users = new Map<string, DigestUser>()
  for (const [index, entry] of entries.entries()) {
    const [name = '', realm = '', ha1, ...more] = entry.split(':')
    if (ha1 === undefined || more.length > 0)
      return { error: `error parsing DigestUser: entry ${index + 1} is not of the form name:realm:HA1` }
    users.set(`${name}:${realm}`, { name, realm, ha1 })
  }
  return [...users.values()]
}
