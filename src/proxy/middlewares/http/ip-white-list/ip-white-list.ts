/** `ipWhiteList`: the former name of `ipAllowList`, without its status. */
import type { IpWhiteListOptions } from '../../../../config/routing/middlewares/ip-white-list.ts'
import { allowAddresses } from '../../../http/ip-list.ts'
import { defineMiddleware } from '../../../http/middleware.ts'

/** Lets only certain client addresses pass; others get 403. */
export const ipWhiteList = defineMiddleware<IpWhiteListOptions>({
  key: 'ipWhiteList',
  isPure: true,
  create: (options) => allowAddresses(options.sourceRange, options.ipStrategy, 403),
})
