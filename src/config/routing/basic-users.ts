/** A user of basicAuth or the like: a name and the hash of a password. */
export interface BasicUser {
  readonly name: string
  readonly hash: string
}

/**
 * Reads `name:hash` entries; of two entries for a name the last one wins. Returns an error text when an entry has not exactly one colon; it
 * names the entry by its number, since the entry itself may be a secret.
 */
export function parseBasicUsers(entries: readonly string[]): readonly BasicUser[] | { readonly error: string } {
  const users = new Map<string, BasicUser>()
  for (const [index, entry] of entries.entries()) {
    const [name = '', hash, ...more] = entry.split(':')
    if (hash === undefined || more.length > 0) return { error: `error parsing BasicUser: entry ${index + 1} is not of the form name:hash` }
    users.set(name, { name, hash })
  }
  return [...users.values()]
}
