/** A secret, and whose it is. */
export interface NamedSecret {
  readonly name: string
  readonly secret: string
}

/**
 * Reads `name:secret` entries: the first colon divides. Returns an error text when an entry has none, when a name or secret is empty, or when a name
 * comes twice; it names the entry by its number, since the entry itself is a secret.
 */
export function parseNamedSecrets(entries: readonly string[]): readonly NamedSecret[] | { readonly error: string } {
  const found = new Map<string, NamedSecret>()
  for (const [index, entry] of entries.entries()) {
    const colon = entry.indexOf(':')
    const name = entry.slice(0, Math.max(colon, 0)).trim()
    const secret = entry.slice(colon + 1)
    if (name === '' || secret === '') return { error: `keys: entry ${index + 1} is not of the form name:key` }
    if (found.has(name)) return { error: `keys: entry ${index + 1} has the same name as one before it` }
    found.set(name, { name, secret })
  }
  return [...found.values()]
}
