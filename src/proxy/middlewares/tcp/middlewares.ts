/** Every TCP middleware. */
import type { TcpMiddlewareModule } from '../../stream/middleware.ts'
import { tcpInFlightConn } from './in-flight-conn/in-flight-conn.ts'
import { tcpIpAllowList } from './ip-allow-list/ip-allow-list.ts'
import { tcpIpWhiteList } from './ip-white-list/ip-white-list.ts'

/** Every kind of TCP middleware. */
export const tcpMiddlewares: readonly TcpMiddlewareModule[] = [tcpInFlightConn, tcpIpAllowList, tcpIpWhiteList]
