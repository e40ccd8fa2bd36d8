import { type Static, kinds, object } from '../schema/kit.ts'
import { tcpInFlightConn } from './tcp-middlewares/in-flight-conn.ts'
import { tcpIpAllowList } from './tcp-middlewares/ip-allow-list.ts'
import { tcpIpWhiteList } from './tcp-middlewares/ip-white-list.ts'

/** Every kind of TCP middleware. */
export const tcpMiddlewares = [tcpInFlightConn, tcpIpWhiteList, tcpIpAllowList] as const

/** A TCP middleware: one of the kinds. */
export const tcpMiddleware = object('A middleware: exactly one kind.', kinds(tcpMiddlewares))

/** A decoded TCP middleware. */
export type TcpMiddleware = Static<typeof tcpMiddleware>
