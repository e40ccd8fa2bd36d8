import { type HeaderList, lowerName } from './header-list.ts'

/** Header fields by which Tidegate tells servers about the client: what an untrusted client says there is not passed on. */

/** Lower-case names of the managed fields, all beginning with `x`. */
const managedNames: ReadonlySet<string> = new Set([
  'x-forwarded-proto',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-forwarded-prefix',
  'x-forwarded-scheme',
  'x-forwarded-tls-client-cert',
  'x-forwarded-tls-client-cert-info',
  'x-real-ip',
  'x-scheme',
])

/**
 * Whether a lower-case name is that of a managed field in any spelling that a server may take for the same: CGI variables and many frameworks
 * fold `-`, `_` and `.` into one.
 */
export function looksManaged(key: string): boolean {
  if (managedNames.has(key)) return true
  return managedNames.has(folded(key))
}

/** Sets a field that Tidegate vouches for: the client's are removed in every spelling that a server may take for the same (R17). */
export function setVouchedField(headers: HeaderList, name: string, value: string): void {
  const wanted = folded(lowerName(name))
  const { keys } = headers
  for (let index = 0; index < keys.length; index += 1) if (folded(keys[index]!) === wanted) keys[index] = ''
  headers.add(name, value)
}

function folded(key: string): string {
  return key.includes('_') || key.includes('.') ? key.replaceAll('_', '-').replaceAll('.', '-') : key
}
