/** Addresses of entry points: `[host]:port[/tcp|/udp]`. */

/** An address as an entry point has it. */
export interface EntryPointAddress {
  /** '' listens on all addresses. */
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/** Parses an entry point's address; throws an Error that says what is wrong. */
export function parseEntryPointAddress(address: string): EntryPointAddress {
  const slash = address.indexOf('/')
  const protocol = slash === -1 ? 'tcp' : address.slice(slash + 1).toLowerCase()
  if (protocol !== 'tcp' && protocol !== 'udp') throw new Error(`invalid protocol: ${protocol}`)
  const hostPort = slash === -1 ? address : address.slice(0, slash)
  const colon = hostPort.lastIndexOf(':')
  if (colon === -1) throw new Error(`address ${hostPort}: missing port in address`)
  const portText = hostPort.slice(colon + 1)
  const port = /^\d{0,5}$/.test(portText) ? Number(portText) : Number.NaN
  if (!(port <= 65_535)) throw new Error(`address ${hostPort}: invalid port ${portText}`)
  let host = hostPort.slice(0, colon)
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1)
  else if (host.includes(':')) throw new Error(`address ${hostPort}: too many colons in address`)
  return { host, port, protocol }
}
