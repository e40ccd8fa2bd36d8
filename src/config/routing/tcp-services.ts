import { type Static, kinds, object } from '../schema/kit.ts'
import { tcpLoadBalancer } from './tcp-services/load-balancer.ts'
import { tcpWeighted } from './tcp-services/weighted.ts'

/** Every kind of TCP service. */
export const tcpServices = [tcpLoadBalancer, tcpWeighted] as const

/** A TCP service: one of the kinds. */
export const tcpService = object('A service: exactly one kind.', kinds(tcpServices))

/** A decoded TCP service. */
export type TcpService = Static<typeof tcpService>
