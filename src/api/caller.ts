/** Who may change something through the API, or see into the process. Reading is guarded by the routers that lead here; this needs more. */
import type { ControlRequest } from '../generation/messages.ts'

/** Why a request may not have what it asks for, such as "a reload"; null when it may: it is authenticated, or it comes from this machine. */
export function refusal(request: ControlRequest, what: string): string | null {
  const foreign = foreignPage(request)
  if (foreign !== null) return foreign
  if (request.user !== null && request.user !== '') return null
  if (!isLoopback(request.remoteIp)) return `${what} must be asked for from this machine or through a router with authentication`
  // A page may have pointed a name of its own to this machine (DNS rebinding); then the Host is that name.
  return isLocalHost(request.host) ? null : `${what} without authentication must address this machine as localhost or by its IP address`
}

/** Why a request was made by a page of another site (CSRF); null when it was not, or by no browser. */
export function foreignPage(request: ControlRequest): string | null {
  const site = headerOf(request, 'sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'requests from pages of other sites are refused'
  const origin = headerOf(request, 'origin')
  if (origin === undefined) return null
  return URL.parse(origin)?.host.toLowerCase() === request.host.toLowerCase() ? null : 'requests from pages of other sites are refused'
}

function headerOf(request: ControlRequest, key: string): string | undefined {
  return request.headers.find(([name]) => name.toLowerCase() === key)?.[1]
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || /^127\.\d+\.\d+\.\d+$/.test(ip)
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || /^\d+\.\d+\.\d+\.\d+$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name)
}
