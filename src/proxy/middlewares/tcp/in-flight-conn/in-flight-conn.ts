import type { TcpInFlightConnOptions } from '../../../../config/routing/tcp-middlewares/in-flight-conn.ts'
import type { TcpMiddlewareModule } from '../../../stream/middleware.ts'

/** Limits how many connections one client address has at a time. */
export const tcpInFlightConn: TcpMiddlewareModule<TcpInFlightConnOptions> = {
  key: 'inFlightConn',
  create:
    ({ amount }, { clients }) =>
    (next) =>
    (connection) => {
      const leave = clients.enter(connection.facts.remoteIp, amount)
      if (leave === null) {
        connection.destroy()
        return
      }
      connection.whenOver(leave)
      next(connection)
    },
}
