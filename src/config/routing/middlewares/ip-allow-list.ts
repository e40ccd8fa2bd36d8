import { type Static, defineMiddlewareOptions, int, object, optional, textList } from '../../schema/kit.ts'
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
})

/** Options of `ipAllowList`. */
export type IpAllowListOptions = Static<typeof ipAllowList.options>
