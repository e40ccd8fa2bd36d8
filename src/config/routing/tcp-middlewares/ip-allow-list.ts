import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'
import { checkIpRanges } from '../ip-ranges.ts'

/** Lets only certain client addresses pass. */
export const tcpIpAllowList = defineMiddlewareOptions({
  key: 'ipAllowList',
  options: object('Lets only certain client addresses pass.', {
    sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
  }),
  check({ sourceRange }) {
    if (sourceRange.length === 0) return 'sourceRange is empty, IPAllowLister not created'
    const problem = checkIpRanges(sourceRange)
    return problem === undefined ? undefined : `cannot parse CIDRs [${sourceRange.join(' ')}]: ${problem}`
  },
})

/** Options of `ipAllowList`. */
export type TcpIpAllowListOptions = Static<typeof tcpIpAllowList.options>
