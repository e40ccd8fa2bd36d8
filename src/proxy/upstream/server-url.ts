/** URLs of servers, read as Go's net/url reads them: what `http://user@host:port/path?query#fragment` says about where to go. */

/** Where a server is. */
export interface ServerAddress {
  /** In lower case; '' when the URL has none. */
  readonly scheme: string
  /** Name, IPv4 or IPv6 address without brackets; '' when absent. */
  readonly host: string
  /** Port number, the scheme's default when absent; it may be out of range and then fails when dialled. */
  readonly port: number
  /** Host as the URL has it, port included; '' when absent. */
  readonly authority: string
  /** Escaped path, '' when absent; for unix URLs the path of the socket. */
  readonly path: string
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['https', 443],
  ['http', 80],
  ['h2c', 80],
])

/** Reads a server's URL; throws an Error with a readable text when it is none. Nothing is checked about the scheme. */
export function parseServerUrl(url: string): ServerAddress {
  const withoutFragment = cutAt(url, '#')
  const schemeEnd = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(withoutFragment)
  const scheme = schemeEnd === null ? '' : schemeEnd[0].slice(0, -1).toLowerCase()
  const rest = cutAt(schemeEnd === null ? withoutFragment : withoutFragment.slice(schemeEnd[0].length), '?')
  if (!rest.startsWith('//')) return { scheme, host: '', port: defaultPorts.get(scheme) ?? 0, authority: '', path: rest }
  const pathStart = rest.indexOf('/', 2)
  const netloc = pathStart < 0 ? rest.slice(2) : rest.slice(2, pathStart)
  const path = pathStart < 0 ? '' : rest.slice(pathStart)
  const authority = netloc.slice(netloc.lastIndexOf('@') + 1)
  const { host, port } = splitAuthority(authority, url)
  return { scheme, host, port: port ?? defaultPorts.get(scheme) ?? 0, authority, path }
}

/** Name or address in front of the port, and the port if there is one. */
function splitAuthority(authority: string, url: string): { host: string; port: number | null } {
  const bracket = authority.startsWith('[') ? authority.indexOf(']') : -1
  if (authority.startsWith('[') && bracket < 0) throw new Error(`server url ${url}: missing ']' in host`)
  const colon = authority.indexOf(':', bracket + 1)
  const host = bracket > 0 ? authority.slice(1, bracket) : colon < 0 ? authority : authority.slice(0, colon)
  const digits = colon < 0 ? '' : authority.slice(colon + 1)
  if (!/^\d*$/.test(digits)) throw new Error(`server url ${url}: invalid port ${JSON.stringify(digits)} after host`)
  if (/[\s"<>\\^`{|}]/.test(host)) throw new Error(`server url ${url}: invalid character in host name`)
  return { host, port: digits === '' ? null : Number(digits) }
}

function cutAt(text: string, mark: string): string {
  const index = text.indexOf(mark)
  return index < 0 ? text : text.slice(0, index)
}
