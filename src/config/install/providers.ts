import { type Static, anyValue, duration, mapOf, object, optional, textList } from '../schema/kit.ts'
import { consulCatalogProvider } from './providers/consul-catalog.ts'
import { consulProvider } from './providers/consul.ts'
import { dockerProvider } from './providers/docker.ts'
import { ecsProvider } from './providers/ecs.ts'
import { etcdProvider } from './providers/etcd.ts'
import { fileProvider } from './providers/file.ts'
import { httpProvider } from './providers/http.ts'
import { knativeProvider } from './providers/knative.ts'
import { kubernetesCRDProvider } from './providers/kubernetes-crd.ts'
import { kubernetesGatewayProvider } from './providers/kubernetes-gateway.ts'
import { kubernetesIngressNGINXProvider } from './providers/kubernetes-ingress-nginx.ts'
import { kubernetesIngressProvider } from './providers/kubernetes-ingress.ts'
import { nomadProvider } from './providers/nomad.ts'
import { redisProvider } from './providers/redis.ts'
import { restProvider } from './providers/rest.ts'
import { swarmProvider } from './providers/swarm.ts'
import { zooKeeperProvider } from './providers/zoo-keeper.ts'

/** Where routing configuration comes from. */
export const providers = object('Where routing configuration comes from.', {
  consul: optional(consulProvider),
  consulCatalog: optional(consulCatalogProvider),
  docker: optional(dockerProvider),
  ecs: optional(ecsProvider),
  etcd: optional(etcdProvider),
  file: optional(fileProvider),
  http: optional(httpProvider),
  knative: optional(knativeProvider),
  kubernetesCRD: optional(kubernetesCRDProvider),
  kubernetesGateway: optional(kubernetesGatewayProvider),
  kubernetesIngress: optional(kubernetesIngressProvider),
  kubernetesIngressNGINX: optional(kubernetesIngressNGINXProvider),
  nomad: optional(nomadProvider),
  plugin: mapOf('Provider plugins by name, with their own options.', mapOf('', anyValue('')), { masked: true, built: false }),
  precedence: textList('Order of providers for routers of equal priority, first wins.', { effective: 'the names decide' }),
  providersThrottleDuration: duration('Shortest time between two changes of the routing configuration by one provider.', { default: '2s' }),
  redis: optional(redisProvider),
  rest: optional(restProvider),
  swarm: optional(swarmProvider),
  zooKeeper: optional(zooKeeperProvider),
})

/** Decoded provider options. */
export type Providers = Static<typeof providers>
