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
import { type Static, anyValue, duration, mapOf, object, optional, textList } from '../schema/kit.ts'

/** Where routing configuration comes from. */
export const providers = object('@@s:providers@@', {
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
  plugin: mapOf('@@s:providers.plugin@@', mapOf('', anyValue('')), { masked: true, built: false }),
  precedence: textList('@@s:providers.precedence@@', { effective: 'empty when not given (Providers is allocated before decoding, so its SetDefaults never runs) and equal router priorities then have no provider tie-break' }),
  providersThrottleDuration: duration('@@s:providers.providersThrottleDuration@@', { default: '2s' }),
  redis: optional(redisProvider),
  rest: optional(restProvider),
  swarm: optional(swarmProvider),
  zooKeeper: optional(zooKeeperProvider),
})

/** Decoded provider options. */
export type Providers = Static<typeof providers>
