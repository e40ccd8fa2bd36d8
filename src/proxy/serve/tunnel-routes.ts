/** What a generation says of the routes that tunnels were opened on. */
import type { RouterPlan, ServicePlan } from '../../generation/plan.ts'
import type { TunnelRoute, TunnelRoutes } from '../http/open-tunnels.ts'
import { tunnelPolicy } from '../listen/listener.ts'
import type { Plans, Serving } from './build.ts'

/** What is looked at of the plans. */
type RoutePlans = Pick<Plans, 'router' | 'service'>

/** Services above each other that are followed. */
const depthMax = 32

/** Routes of a generation; `plans` are those that it was built from, for as long as no other is built. */
export function tunnelRoutes(serving: Pick<Serving, 'entryPoints'>, plans: RoutePlans): TunnelRoutes {
  return {
    policyOf(entryPoint) {
      const plan = serving.entryPoints.get(entryPoint)?.plan
      return plan === undefined ? null : tunnelPolicy(plan)
    },
    has: (route) => hasRoute(route, plans),
  }
}

function hasRoute(route: TunnelRoute, plans: RoutePlans): boolean {
  const names = plans.router.has(route.router) ? [route.router] : route.router.split(' -> ')
  let router: RouterPlan | undefined
  for (const name of names) {
    const plan = plans.router.get(name)
    if (plan === undefined || plan.disabled !== null) return false
    const isReached =
      router === undefined
        ? !plan.isChild && plan.entryPoints.includes(route.entryPoint) && plan.tls === route.secure
        : router.children.includes(name)
    if (!isReached) return false
    router = plan
  }
  if (router === undefined || !leadsTo(router.service, route.service, plans, depthMax)) return false
  const service = plans.service.get(route.service)
  return service?.kind !== 'loadBalancer' || service.servers.some(({ url }) => url === route.server)
}

/** Whether a service is another one, or has it below it. */
function leadsTo(name: string, wanted: string, plans: RoutePlans, depth: number): boolean {
  const plan = plans.service.get(name)
  if (plan === undefined || depth === 0) return false
  if (name === wanted) return true
  return childrenOf(plan).some((child) => leadsTo(child, wanted, plans, depth - 1))
}

/** Services that requests of a client may go to; copies that a mirror gets are never tunnels. */
function childrenOf(plan: ServicePlan): readonly string[] {
  switch (plan.kind) {
    case 'loadBalancer':
    case 'internal':
      return []
    case 'weighted':
    case 'highestRandomWeight':
      return plan.services.filter(({ weight }) => weight > 0).map(({ name }) => name)
    case 'mirroring':
      return [plan.service]
    case 'failover':
      return [plan.service, plan.fallback]
  }
}
