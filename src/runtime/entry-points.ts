/** Names and ports of entry points as routing needs them. */
import { parseEntryPointAddress } from '../config/install/address.ts'
import type { EntryPoint } from '../config/install/install.ts'

/** The port text of an address, for redirections; '' when it cannot be read. */
export function entryPointPort(address: string): string {
  try {
    return String(parseEntryPointAddress(address).port)
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

/** Whether an entry point takes datagrams. */
export function isUdp(entryPoint: EntryPoint): boolean {
  return entryPoint.address.toLowerCase().endsWith('/udp')
}
