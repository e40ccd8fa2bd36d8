import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** @@dk:tcp.middlewares.<name>.ipAllowList@@ */
export const tcpIpAllowList = defineMiddlewareOptions({
  key: 'ipAllowList',
  built: false,
  options: object('@@d:tcp.middlewares.<name>.ipAllowList@@', {
    sourceRange: textList('@@d:tcp.middlewares.<name>.ipAllowList.sourceRange@@'),
  }),
})

/** Options of `ipAllowList`. */
export type TcpIpAllowListOptions = Static<typeof tcpIpAllowList.options>
