import { tcpLoadBalancer } from './tcp-services/load-balancer.ts'
import { tcpWeighted } from './tcp-services/weighted.ts'
import { type Static, kinds, object } from '../schema/kit.ts'

/** Every kind of TCP service. */
export const tcpServices = [
  tcpLoadBalancer,
  tcpWeighted,
] as const

/** A TCP service: one of the kinds. */
export const tcpService = object('@@d:tcp.services.<name>@@', kinds(tcpServices))

/** A decoded TCP service. */
export type TcpService = Static<typeof tcpService>
