import { parseIpOrCidr } from '../../std/cidr.ts'

/** Options of an ipStrategy, as far as they are checked here. */
interface IpStrategyOptions {
  readonly depth: number
  readonly excludedIPs: readonly string[]
  readonly ipv6Subnet?: number
}

/** Names the first text that is neither an address nor a range, in Traefik's words; undefined when all are. */
export function checkIpRanges(ranges: readonly string[]): string | undefined {
  const bad = ranges.find((range) => parseIpOrCidr(range) === undefined)
  return bad === undefined ? undefined : `parsing CIDR trusted IPs ${bad}: invalid CIDR address: ${bad}`
}

/** Checks how a client address is found. What takes no effect (excludedIPs beside a depth) is not looked at, as in Traefik. */
export function checkIpStrategy(strategy: IpStrategyOptions | undefined): string | undefined {
  if (strategy === undefined) return undefined
  const { depth, excludedIPs, ipv6Subnet } = strategy
  if (depth <= 0 && excludedIPs.length > 0) return checkIpRanges(excludedIPs)
  if (ipv6Subnet !== undefined && (ipv6Subnet <= 0 || ipv6Subnet > 128))
    return `invalid IPv6 subnet ${ipv6Subnet} value, should be greater to 0 and lower or equal to 128`
  return undefined
}
