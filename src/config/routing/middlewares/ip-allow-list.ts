import { statusCodes } from '../../../std/status-codes.ts'
import { type Static, defineMiddlewareOptions, int, object, optional, textList } from '../../schema/kit.ts'
import { checkIpRanges, checkIpStrategy } from '../ip-ranges.ts'
import { ipStrategy } from '../shared.ts'

/** Lets only certain client addresses pass. */
export const ipAllowList = defineMiddlewareOptions({
  key: 'ipAllowList',
  options: object('Lets only certain client addresses pass.', {
    sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
    ipStrategy: optional(
      object('How the client address is found; the address of the connection when absent.', ipStrategy, { allowEmpty: true }),
    ),
    rejectStatusCode: int('Status answered to others.', { effective: '403' }),
  }),
  check({ sourceRange, ipStrategy: strategy, rejectStatusCode }) {
    if (sourceRange.length === 0) return 'sourceRange is empty, IPAllowLister not created'
    if (rejectStatusCode !== 0 && !isGoStatus(rejectStatusCode)) return `invalid HTTP status code ${rejectStatusCode}`
    const problem = checkIpRanges(sourceRange)
    return problem === undefined ? checkIpStrategy(strategy) : `cannot parse CIDRs [${sourceRange.join(' ')}]: ${problem}`
  },
})

/** Options of `ipAllowList`. */
export type IpAllowListOptions = Static<typeof ipAllowList.options>

/** Whether Go has a text for a status, which is what Traefik asks for. */
function isGoStatus(status: number): boolean {
  return statusCodes[status] !== undefined && status !== 509
}
