/**
 * Comparing hosts. A trailing dot on either side is tolerated, one at most: `a.local` in a rule takes `a.local.`, and `a.local.` takes `a.local`.
 */

/** The forms of a name under which an equal host can be found: itself, and without a trailing dot. */
export function hostForms(name: string): readonly string[] {
  // An empty host is taken by no name.
  return (name.endsWith('.') ? [name, name.slice(0, -1)] : [name]).filter((form) => form !== '')
}

/** True when a host is the name or the name with one more dot, or has one dot less. */
export function equalsHost(host: string, name: string): boolean {
  return host !== '' && endsAs(host, 0, name)
}

/** True when a host is one label (be it empty) followed by the suffix, which starts with a dot. */
export function matchesWildcard(host: string, suffix: string): boolean {
  const dot = host.indexOf('.')
  return dot >= 0 && endsAs(host, dot, suffix)
}

/** Compares `host` from `start` on with `name`, a trailing dot on either side aside. */
function endsAs(host: string, start: number, name: string): boolean {
  const length = host.length - start
  if (length === name.length) return host.endsWith(name)
  if (length === name.length + 1) return host.endsWith('.') && host.startsWith(name, start)
  return length === name.length - 1 && length > 0 && name.endsWith('.') && name.startsWith(host.slice(start))
}

/** Suffix that a wildcard name such as `*.example.com` asks for; null when the name is no wildcard. */
export function wildcardSuffix(name: string): string | null {
  return name.startsWith('*.') ? name.slice(1) : null
}

/** Takes a port off, and the brackets of an IPv6 address with a port, as Go's `net.SplitHostPort` does; text it refuses stays as it is. */
export function stripPort(host: string): string {
  const colon = host.indexOf(':')
  if (colon < 0) return host
  if (host.startsWith('[')) {
    const end = host.indexOf(']')
    return host[end + 1] === ':' && host.indexOf(':', end + 2) < 0 ? host.slice(1, end) : host
  }
  return host.indexOf(':', colon + 1) < 0 ? host.slice(0, colon) : host
}
