import { ipStrategy } from '../shared.ts'
import { type Static, defineMiddlewareOptions, object, optional, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.ipWhiteList@@ */
export const ipWhiteList = defineMiddlewareOptions({
  key: 'ipWhiteList',
  options: object('@@d:http.middlewares.<name>.ipWhiteList@@', {
    sourceRange: textList('@@d:http.middlewares.<name>.ipWhiteList.sourceRange@@'),
    ipStrategy: optional(object('@@d:http.middlewares.<name>.ipWhiteList.ipStrategy@@', ipStrategy, { allowEmpty: true })),
  }, { deprecated: 'please use IPAllowList instead' }),
})

/** Options of `ipWhiteList`. */
export type IpWhiteListOptions = Static<typeof ipWhiteList.options>
