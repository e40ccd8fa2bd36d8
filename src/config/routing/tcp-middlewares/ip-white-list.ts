import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** @@dk:tcp.middlewares.<name>.ipWhiteList@@ */
export const tcpIpWhiteList = defineMiddlewareOptions({
  key: 'ipWhiteList',
  built: false,
  options: object('@@d:tcp.middlewares.<name>.ipWhiteList@@', {
    sourceRange: textList('@@d:tcp.middlewares.<name>.ipWhiteList.sourceRange@@'),
  }, { deprecated: 'please use IPAllowList instead' }),
})

/** Options of `ipWhiteList`. */
export type TcpIpWhiteListOptions = Static<typeof tcpIpWhiteList.options>
