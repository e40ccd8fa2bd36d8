import { type Static, bool, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesIngressNGINX provider. */
export const kubernetesIngressNGINXProvider = object('@@s:providers.kubernetesIngressNGINX@@', {
  allowCrossNamespaceResources: bool('@@s:providers.kubernetesIngressNGINX.allowCrossNamespaceResources@@'),
  allowSnippetAnnotations: bool('@@s:providers.kubernetesIngressNGINX.allowSnippetAnnotations@@'),
  certAuthFilePath: text('@@s:providers.kubernetesIngressNGINX.certAuthFilePath@@', { masked: true }),
  clientBodyBufferSize: int('@@s:providers.kubernetesIngressNGINX.clientBodyBufferSize@@', { default: 16384 }),
  controllerClass: text('@@s:providers.kubernetesIngressNGINX.controllerClass@@', { default: 'k8s.io/ingress-nginx' }),
  customHTTPErrors: textList('@@s:providers.kubernetesIngressNGINX.customHTTPErrors@@'),
  defaultBackendService: text('@@s:providers.kubernetesIngressNGINX.defaultBackendService@@'),
  disableSvcExternalName: bool('@@s:providers.kubernetesIngressNGINX.disableSvcExternalName@@'),
  endpoint: text('@@s:providers.kubernetesIngressNGINX.endpoint@@', { masked: true }),
  globalAllowedResponseHeaders: textList('@@s:providers.kubernetesIngressNGINX.globalAllowedResponseHeaders@@'),
  globalAuthURL: text('@@s:providers.kubernetesIngressNGINX.globalAuthURL@@'),
  httpEntryPoint: text('@@s:providers.kubernetesIngressNGINX.httpEntryPoint@@'),
  httpsEntryPoint: text('@@s:providers.kubernetesIngressNGINX.httpsEntryPoint@@'),
  ingressClass: text('@@s:providers.kubernetesIngressNGINX.ingressClass@@', { default: 'nginx' }),
  ingressClassByName: bool('@@s:providers.kubernetesIngressNGINX.ingressClassByName@@'),
  ipAllowListStrategy: optional(object('@@s:providers.kubernetesIngressNGINX.ipAllowListStrategy@@', {
    depth: int('@@s:providers.kubernetesIngressNGINX.ipAllowListStrategy.depth@@'),
    excludedIPs: textList('@@s:providers.kubernetesIngressNGINX.ipAllowListStrategy.excludedIPs@@', { masked: true }),
    ipv6Subnet: optional(int('@@s:providers.kubernetesIngressNGINX.ipAllowListStrategy.ipv6Subnet@@', { masked: true })),
  })),
  proxyBodySize: int('@@s:providers.kubernetesIngressNGINX.proxyBodySize@@', { default: 1048576 }),
  proxyBuffering: bool('@@s:providers.kubernetesIngressNGINX.proxyBuffering@@'),
  proxyBufferSize: int('@@s:providers.kubernetesIngressNGINX.proxyBufferSize@@', { default: 8192 }),
  proxyBuffersNumber: int('@@s:providers.kubernetesIngressNGINX.proxyBuffersNumber@@', { default: 4 }),
  proxyConnectTimeout: int('@@s:providers.kubernetesIngressNGINX.proxyConnectTimeout@@', { default: 60 }),
  proxyNextUpstream: text('@@s:providers.kubernetesIngressNGINX.proxyNextUpstream@@', { default: 'error timeout' }),
  proxyNextUpstreamTimeout: int('@@s:providers.kubernetesIngressNGINX.proxyNextUpstreamTimeout@@'),
  proxyNextUpstreamTries: int('@@s:providers.kubernetesIngressNGINX.proxyNextUpstreamTries@@', { default: 3 }),
  proxyReadTimeout: int('@@s:providers.kubernetesIngressNGINX.proxyReadTimeout@@', { default: 60 }),
  proxyRequestBuffering: bool('@@s:providers.kubernetesIngressNGINX.proxyRequestBuffering@@'),
  proxySendTimeout: int('@@s:providers.kubernetesIngressNGINX.proxySendTimeout@@', { default: 60 }),
  publishService: text('@@s:providers.kubernetesIngressNGINX.publishService@@'),
  publishStatusAddress: textList('@@s:providers.kubernetesIngressNGINX.publishStatusAddress@@', { masked: true }),
  strictValidatePathType: bool('@@s:providers.kubernetesIngressNGINX.strictValidatePathType@@', { default: true }),
  throttleDuration: duration('@@s:providers.kubernetesIngressNGINX.throttleDuration@@'),
  token: text('@@s:providers.kubernetesIngressNGINX.token@@', { fileOrContent: true, secret: true, masked: true }),
  upstreamKeepaliveTimeout: int('@@s:providers.kubernetesIngressNGINX.upstreamKeepaliveTimeout@@', { default: 60 }),
  watchIngressWithoutClass: bool('@@s:providers.kubernetesIngressNGINX.watchIngressWithoutClass@@'),
  watchNamespace: text('@@s:providers.kubernetesIngressNGINX.watchNamespace@@'),
  watchNamespaceSelector: text('@@s:providers.kubernetesIngressNGINX.watchNamespaceSelector@@'),
}, { allowEmpty: true, built: false })

/** Decoded options of the kubernetesIngressNGINX provider. */
export type KubernetesIngressNGINXProviderOptions = Static<typeof kubernetesIngressNGINXProvider>
