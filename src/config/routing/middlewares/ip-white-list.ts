import { type Static, defineMiddlewareOptions, object, optional, textList } from '../../schema/kit.ts'
import { checkIpRanges, checkIpStrategy } from '../ip-ranges.ts'
import { ipStrategy } from '../shared.ts'

/** The former name of `ipAllowList`. */
export const ipWhiteList = defineMiddlewareOptions({
  key: 'ipWhiteList',
  options: object(
    'The former name of `ipAllowList`.',
    {
      sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
      ipStrategy: optional(
        object('How the client address is found; the address of the connection when absent.', ipStrategy, { allowEmpty: true }),
      ),
    },
    { deprecated: 'use ipAllowList' },
  ),
  check({ sourceRange, ipStrategy: strategy }) {
    if (sourceRange.length === 0) return 'sourceRange is empty, IPWhiteLister not created'
    const problem = checkIpRanges(sourceRange)
    return problem === undefined ? checkIpStrategy(strategy) : `cannot parse CIDR whitelist [${sourceRange.join(' ')}]: ${problem}`
  },
})

/** Options of `ipWhiteList`. */
export type IpWhiteListOptions = Static<typeof ipWhiteList.options>
