import { type Static, defineMiddlewareOptions, int, object } from '../../schema/kit.ts'

/** @@dk:tcp.middlewares.<name>.inFlightConn@@ */
export const tcpInFlightConn = defineMiddlewareOptions({
  key: 'inFlightConn',
  built: false,
  options: object('@@d:tcp.middlewares.<name>.inFlightConn@@', {
    amount: int('@@d:tcp.middlewares.<name>.inFlightConn.amount@@'),
  }),
})

/** Options of `inFlightConn`. */
export type TcpInFlightConnOptions = Static<typeof tcpInFlightConn.options>
