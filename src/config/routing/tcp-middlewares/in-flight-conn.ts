import { type Static, defineMiddlewareOptions, int, object } from '../../schema/kit.ts'

/** Limits how many connections one client address has at a time. */
export const tcpInFlightConn = defineMiddlewareOptions({
  key: 'inFlightConn',
  countsClients: true,
  options: object('Limits how many connections one client address has at a time.', {
    amount: int('Most connections at a time.'),
  }),
})

/** Options of `inFlightConn`. */
export type TcpInFlightConnOptions = Static<typeof tcpInFlightConn.options>
