import type { TcpInFlightConnOptions } from '../../../../config/routing/tcp-middlewares/in-flight-conn.ts'
import type { TcpMiddlewareModule } from '../../../stream/middleware.ts'

/** Limits how many connections one client address has at a time, by worker. */
export const tcpInFlightConn: TcpMiddlewareModule<TcpInFlightConnOptions> = {
  key: 'inFlightConn',
  create({ amount }) {
    const open = new Map<string, number>()
    return (next) => (connection) => {
      const { remoteIp } = connection.facts
      const count = open.get(remoteIp) ?? 0
      if (count >= amount) {
        connection.destroy()
        return
      }
      open.set(remoteIp, count + 1)
      connection.whenOver(() => {
        const left = (open.get(remoteIp) ?? 1) - 1
        if (left > 0) open.set(remoteIp, left)
        else open.delete(remoteIp)
      })
      next(connection)
    }
  },
}
