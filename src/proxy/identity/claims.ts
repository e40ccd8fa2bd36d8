/** Claims of a token: what its issuer says about its bearer (RFC 7519 §4). */

/** Claims by name, as they were in the token. */
export type Claims = Readonly<Record<string, unknown>>

/** Value of a claim: by its whole name, or else by a path with dots such as `realm_access.roles`; undefined when there is none. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** A claim as text: lists with commas between, objects as JSON; '' when there is none. */
export function claimText(claims: Claims, path: string): string {
  return claimTexts(claims, path).join(',')
}

/** The texts that a claim has: one for each item of a list; none when there is no such claim. */
export function claimTexts(claims: Claims, path: string): readonly string[] {
  const value = claimAt(claims, path)
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)]
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return value === undefined || value === null ? '' : JSON.stringify(value)
  }
}
