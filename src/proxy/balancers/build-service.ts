/** Turns the plan of a service into its handler. Runs once per generation; the handlers that it returns run per request. */
import type { CompositeServicePlan, LoadBalancerPlan } from '../../generation/plan.ts'
import type { Handler } from '../http/exchange.ts'
import { sequenceOf } from './balancer.ts'
import { buildFailover } from './failover.ts'
import { buildHighestRandomWeight } from './highest-random-weight.ts'
import { buildLoadBalancer, type LoadBalancerContext } from './load-balancer.ts'
import { buildMirroring } from './mirroring.ts'
import { buildWeighted } from './weighted.ts'

/** What services are built with. */
export interface ServiceContext extends LoadBalancerContext {
  /** Handler of a service by qualified name. */
  readonly service: (name: string) => Handler
}

/** The handler of a service; throws when its plan names a transport or strategy that is not there. */
export function buildService(plan: LoadBalancerPlan | CompositeServicePlan, context: ServiceContext): Handler {
  const { board, service } = context
  switch (plan.kind) {
    case 'loadBalancer':
      return buildLoadBalancer(plan, context)
    case 'weighted':
      return buildWeighted(plan, board, sequenceOf(board, plan.sequenceCell), service)
    case 'highestRandomWeight':
      return buildHighestRandomWeight(plan, board, service)
    case 'mirroring':
      return buildMirroring(plan, sequenceOf(board, plan.sequenceCell), service)
    case 'failover':
      return buildFailover(plan, board, service)
  }
}
