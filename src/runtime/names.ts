/** Names of routing objects: `name@provider`. */

/** A name with its provider; one that names a provider already stays as it is. */
export function qualify(name: string, provider: string): string {
  return name.includes('@') ? name : `${name}@${provider}`
}

/** The provider of a qualified name: what follows the first '@'. */
export function providerOf(name: string): string {
  const at = name.indexOf('@')
  return at < 0 ? '' : name.slice(at + 1)
}

/** The name without its provider. */
export function localName(name: string): string {
  const at = name.indexOf('@')
  return at < 0 ? name : name.slice(0, at)
}

/** A name made of letters and digits, everything else joined by '-', as generated names have it. */
export function normalizeName(text: string): string {
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '')
    .join('-')
}
