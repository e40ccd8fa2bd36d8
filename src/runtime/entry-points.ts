/** Entry point addresses: parsing, the entry points that are added by themselves, and the names of default entry points. */
import type { EntryPoint, InstallConfiguration } from '../config/install/install.ts'

/** An address as an entry point has it: `[host]:port[/tcp|/udp]`. */
export interface Address {
  /** '' listens on all addresses. */
  readonly host: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
}

/** Parses an entry point's address; throws an Error that says what is wrong. */
export function parseAddress(address: string): Address {
  const slash = address.indexOf('/')
  const protocol = slash < 0 ? 'tcp' : address.slice(slash + 1).toLowerCase()
  if (protocol !== 'tcp' && protocol !== 'udp') throw new Error(`invalid protocol: ${protocol}`)
  const hostPort = slash < 0 ? address : address.slice(0, slash)
  const colon = hostPort.lastIndexOf(':')
  if (colon < 0) throw new Error(`address ${hostPort}: missing port in address`)
  const portText = hostPort.slice(colon + 1)
  const port = portText === '' ? 0 : Number(portText)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`address ${hostPort}: invalid port ${portText}`)
  let host = hostPort.slice(0, colon)
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1)
  else if (host.includes(':')) throw new Error(`address ${hostPort}: too many colons in address`)
  return { host, port, protocol }
}

/** The port text of an address, for redirections; '' when it cannot be read. */
export function entryPointPort(address: string): string {
  try {
    return String(parseAddress(address).port)
  } catch {
    return ''
  }
}

/** Entry points that routers get which name none: those with `asDefault`, or else all TCP ones but `traefik`; sorted. */
export function defaultEntryPoints(entryPoints: Readonly<Record<string, EntryPoint>>): string[] {
  const chosen: string[] = []
  const all: string[] = []
  for (const name of Object.keys(entryPoints).sort()) {
    const entryPoint = entryPoints[name]
    if (entryPoint === undefined || isUdp(entryPoint)) continue
    if (name === 'traefik') continue
    all.push(name)
    if (entryPoint.asDefault) chosen.push(name)
  }
  // asDefault on `traefik` counts as a choice, but that entry point is never one of the defaults.
  const anyChoice = Object.values(entryPoints).some((entryPoint) => entryPoint.asDefault)
  return anyChoice ? chosen : all
}

/** Entry points that UDP routers get which name none. */
export function udpEntryPoints(entryPoints: Readonly<Record<string, EntryPoint>>): string[] {
  return Object.keys(entryPoints)
    .sort()
    .filter((name) => {
      const entryPoint = entryPoints[name]
      return entryPoint !== undefined && isUdp(entryPoint)
    })
}

/** Whether an entry point takes datagrams. */
export function isUdp(entryPoint: EntryPoint): boolean {
  return entryPoint.address.toLowerCase().endsWith('/udp')
}

/** The API's port by name: where internal routers live that name no other place. */
export function usesTraefikEntryPoint(install: InstallConfiguration): boolean {
  const { api, ping, providers } = install
  return api?.insecure === true || (ping !== undefined && !ping.manualRouting && ping.entryPoint === 'traefik') || providers.rest?.insecure === true
}
