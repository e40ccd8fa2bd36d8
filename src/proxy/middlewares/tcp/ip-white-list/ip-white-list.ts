import type { TcpIpWhiteListOptions } from '../../../../config/routing/tcp-middlewares/ip-white-list.ts'
import { admitTcpAddresses, allowTcpAddresses } from '../../../stream/allow-addresses.ts'
import type { TcpMiddlewareModule } from '../../../stream/middleware.ts'

/** The former name of `ipAllowList`. */
export const tcpIpWhiteList: TcpMiddlewareModule<TcpIpWhiteListOptions> = {
  key: 'ipWhiteList',
  create: ({ sourceRange }) => allowTcpAddresses(sourceRange),
  admits: ({ sourceRange }) => admitTcpAddresses(sourceRange),
}
