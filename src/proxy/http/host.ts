/** The one reading of a host for routing: whatever names a host (Host field, `:authority`, server name) goes through here. */

const upperA = 65
const upperZ = 90
const colon = 58
const space = 32

/**
 * Canonical form of a host as sent: lower case, no surrounding blanks, no port, no brackets around IPv6. A trailing dot is kept, since rules
 * tolerate one on either side. Text with more colons than a port explains is kept whole, so that it equals no plain name.
 */
export function canonicalHost(hostRaw: string): string {
  for (let index = 0; index < hostRaw.length; index += 1) {
    const code = hostRaw.charCodeAt(index)
    if (code === colon || code <= space || code > 126 || (code >= upperA && code <= upperZ))
      return withoutPort(hostRaw).trim().toLowerCase()
  }
  return hostRaw
}

function withoutPort(host: string): string {
  const at = portColon(host)
  if (at >= 0) return host.startsWith('[') ? host.slice(1, at - 1) : host.slice(0, at)
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Text behind the port's colon; '' when there is no port. It need not be a number. */
export function portOfHost(hostRaw: string): string {
  const at = portColon(hostRaw)
  return at < 0 ? '' : hostRaw.slice(at + 1)
}

/** Place of the colon in front of the port, as Go's `net.SplitHostPort` finds it; -1 when the text is not `host:port`. */
function portColon(host: string): number {
  const last = host.lastIndexOf(':')
  if (last < 0) return -1
  if (host.startsWith('[')) {
    const end = host.indexOf(']')
    return end + 1 === last && host.indexOf('[', 1) < 0 && host.indexOf(']', end + 1) < 0 ? last : -1
  }
  return host.indexOf(':') === last && !host.includes('[') && !host.includes(']') ? last : -1
}
