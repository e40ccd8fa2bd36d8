import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** The former name of `ipAllowList`. */
export const tcpIpWhiteList = defineMiddlewareOptions({
  key: 'ipWhiteList',
  built: false,
  options: object(
    'The former name of `ipAllowList`.',
    {
      sourceRange: textList('Addresses and ranges (CIDR) that may pass.'),
    },
    { deprecated: 'use ipAllowList' },
  ),
})

/** Options of `ipWhiteList`. */
export type TcpIpWhiteListOptions = Static<typeof tcpIpWhiteList.options>
