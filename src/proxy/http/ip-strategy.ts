/** How the address of a client is found when it is not simply that of the connection (`ipStrategy`, R18). */
import { buildCidrSet, type Cidr, type CidrSet, formatIp, parseCidr, parseIp, parseIpOrCidr } from '../../std/cidr.ts'
import type { Exchange } from './exchange.ts'

/** Options of an ipStrategy; the control plane has checked them. */
export interface IpStrategyOptions {
  readonly depth: number
  readonly excludedIPs: readonly string[]
  readonly ipv6Subnet?: number
}

/** Tells the client's address; '' when there is none that counts. It may have a port, and need not be an address at all. */
export type IpStrategy = (exchange: Exchange) => string

/**
 * Builds a strategy: a depth (counted from the right of X-Forwarded-For) beats `excludedIPs` (the rightmost address that is none of these),
 * and without either the address of the connection counts. `ipv6Subnet` cuts IPv6 addresses to their network, but for `excludedIPs`.
 */
export function buildIpStrategy(options: IpStrategyOptions | undefined): IpStrategy {
  if (options === undefined) return remoteAddress
  const { depth, excludedIPs, ipv6Subnet } = options
  if (depth > 0) {
    if (ipv6Subnet === undefined) return (exchange) => addressAtDepth(exchange, depth)
    return (exchange) => cutToSubnet(addressAtDepth(exchange, depth), ipv6Subnet)
  }
  if (excludedIPs.length > 0) {
    const excluded = buildIpSet(excludedIPs)
    return (exchange) => lastNotExcluded(exchange, excluded)
  }
  return ipv6Subnet === undefined ? remoteAddress : (exchange) => cutToSubnet(exchange.connection.remoteIp, ipv6Subnet)
}

/** A set of addresses and ranges; throws an Error that names the first text that is neither. */
export function buildIpSet(texts: readonly string[]): CidrSet {
  const ranges: Cidr[] = []
  for (const text of texts) {
    const range = parseIpOrCidr(text)
    if (range === undefined) throw new Error(`invalid address or range ${text}`)
    ranges.push(range)
  }
  return buildCidrSet(ranges)
}

/** Whether a set holds an address that may have a port (`1.2.3.4:80`, `[::1]:80`); brackets without a port are not understood. */
export function holdsAddress(set: CidrSet, address: string): boolean {
  if (set.contains(address)) return true
  const colon = address.lastIndexOf(':')
  if (colon < 0) return false
  if (address.startsWith('[')) return address[colon - 1] === ']' && set.contains(address.slice(1, colon - 1))
  return address.indexOf(':') === colon && set.contains(address.slice(0, colon))
}

function remoteAddress(exchange: Exchange): string {
  return exchange.connection.remoteIp
}

/** The entry point has joined several lines, so the first one is the whole list. */
function forwardedFor(exchange: Exchange): string {
  return exchange.headers.get('x-forwarded-for') ?? ''
}

function addressAtDepth(exchange: Exchange, depth: number): string {
  const list = forwardedFor(exchange)
  let end = list.length
  for (let step = 1; ; step += 1) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1)
    if (step === depth) return list.slice(comma + 1, end).trim()
    if (comma < 0) return ''
    end = comma
  }
}

function lastNotExcluded(exchange: Exchange, excluded: CidrSet): string {
  const list = forwardedFor(exchange)
  let end = list.length
  while (end >= 0) {
    const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1)
    const address = list.slice(comma + 1, end).trim()
    if (address !== '' && !excluded.contains(address)) return address
    end = comma
  }
  return ''
}

/** First address of the network that an IPv6 address is in; anything else stays as it is. */
function cutToSubnet(address: string, bits: number): string {
  const parsed = parseIp(address)
  if (parsed === undefined || parsed.family === 4) return address
  const network = parseCidr(`${formatIp(parsed)}/${bits}`)
  return network === undefined ? address : formatIp(network.first)
}
