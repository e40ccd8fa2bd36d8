import { type Static, kinds, object } from '../schema/kit.ts'
import { udpLoadBalancer } from './udp-services/load-balancer.ts'
import { udpWeighted } from './udp-services/weighted.ts'

/** Every kind of UDP service. */
export const udpServices = [udpLoadBalancer, udpWeighted] as const

/** A UDP service: one of the kinds. */
export const udpService = object('A service: exactly one kind.', kinds(udpServices))

/** A decoded UDP service. */
export type UdpService = Static<typeof udpService>
