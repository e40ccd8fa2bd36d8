import { ipStrategy } from '../shared.ts'
import { type Static, defineMiddlewareOptions, int, object, optional, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.ipAllowList@@ */
export const ipAllowList = defineMiddlewareOptions({
  key: 'ipAllowList',
  options: object('@@d:http.middlewares.<name>.ipAllowList@@', {
    sourceRange: textList('@@d:http.middlewares.<name>.ipAllowList.sourceRange@@'),
    ipStrategy: optional(object('@@d:http.middlewares.<name>.ipAllowList.ipStrategy@@', ipStrategy, { allowEmpty: true })),
    rejectStatusCode: int('@@d:http.middlewares.<name>.ipAllowList.rejectStatusCode@@', { effective: '403' }),
  }),
})

/** Options of `ipAllowList`. */
export type IpAllowListOptions = Static<typeof ipAllowList.options>
