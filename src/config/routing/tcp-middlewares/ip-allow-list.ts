import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** Lets only certain client addresses pass. */
export const tcpIpAllowList = defineMiddlewareOptions({
  key: 'ipAllowList',
  built: false,
  options: object('Lets only certain client addresses pass.', {
    sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
  }),
})

/** Options of `ipAllowList`. */
export type TcpIpAllowListOptions = Static<typeof tcpIpAllowList.options>
