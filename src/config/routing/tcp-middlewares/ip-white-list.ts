import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'
import { checkIpRanges } from '../ip-ranges.ts'

/** The former name of `ipAllowList`. */
export const tcpIpWhiteList = defineMiddlewareOptions({
  key: 'ipWhiteList',
  options: object(
    'The former name of `ipAllowList`.',
    {
      sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
    },
    { deprecated: 'use ipAllowList' },
  ),
  check({ sourceRange }) {
    if (sourceRange.length === 0) return 'sourceRange is empty, IPWhiteLister not created'
    const problem = checkIpRanges(sourceRange)
    return problem === undefined ? undefined : `cannot parse CIDRs [${sourceRange.join(' ')}]: ${problem}`
  },
})

/** Options of `ipWhiteList`. */
export type TcpIpWhiteListOptions = Static<typeof tcpIpWhiteList.options>
