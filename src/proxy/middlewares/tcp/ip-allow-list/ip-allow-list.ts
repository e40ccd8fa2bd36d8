import type { TcpIpAllowListOptions } from '../../../../config/routing/tcp-middlewares/ip-allow-list.ts'
import { admitTcpAddresses, allowTcpAddresses } from '../../../stream/allow-addresses.ts'
import type { TcpMiddlewareModule } from '../../../stream/middleware.ts'

/** Lets only connections from certain addresses pass. */
export const tcpIpAllowList: TcpMiddlewareModule<TcpIpAllowListOptions> = {
  key: 'ipAllowList',
  create: ({ sourceRange }) => allowTcpAddresses(sourceRange),
  admits: ({ sourceRange }) => admitTcpAddresses(sourceRange),
}
