/** `ipAllowList`: lets only certain client addresses pass. */
import type { IpAllowListOptions } from '../../../../config/routing/middlewares/ip-allow-list.ts'
import { allowAddresses } from '../../../http/ip-list.ts'
import { defineMiddleware } from '../../../http/middleware.ts'

/** Lets only certain client addresses pass; others get `rejectStatusCode`, 403 when it is not set. */
export const ipAllowList = defineMiddleware<IpAllowListOptions>({
  key: 'ipAllowList',
  isPure: true,
  create: (options) =>
    allowAddresses(options.sourceRange, options.ipStrategy, options.rejectStatusCode === 0 ? 403 : options.rejectStatusCode),
})
