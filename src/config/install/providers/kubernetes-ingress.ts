import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesIngress provider. */
export const kubernetesIngressProvider = object('@@s:providers.kubernetesIngress@@', {
  allowEmptyServices: bool('@@s:providers.kubernetesIngress.allowEmptyServices@@'),
  allowExternalNameServices: bool('@@s:providers.kubernetesIngress.allowExternalNameServices@@'),
  certAuthFilePath: text('@@s:providers.kubernetesIngress.certAuthFilePath@@', { masked: true }),
  crossProviderNamespaces: textList('@@s:providers.kubernetesIngress.crossProviderNamespaces@@'),
  disableClusterScopeResources: bool('@@s:providers.kubernetesIngress.disableClusterScopeResources@@'),
  disableIngressClassLookup: bool('@@s:providers.kubernetesIngress.disableIngressClassLookup@@', { deprecated: 'please use DisableClusterScopeResources' }),
  endpoint: text('@@s:providers.kubernetesIngress.endpoint@@', { masked: true }),
  ingressClass: text('@@s:providers.kubernetesIngress.ingressClass@@'),
  ingressEndpoint: optional(object('@@s:providers.kubernetesIngress.ingressEndpoint@@', {
    hostname: text('@@s:providers.kubernetesIngress.ingressEndpoint.hostname@@', { masked: true }),
    ip: text('@@s:providers.kubernetesIngress.ingressEndpoint.ip@@', { masked: true }),
    publishedService: text('@@s:providers.kubernetesIngress.ingressEndpoint.publishedService@@', { masked: true }),
  })),
  labelSelector: text('@@s:providers.kubernetesIngress.labelSelector@@'),
  namespaces: textList('@@s:providers.kubernetesIngress.namespaces@@'),
  nativeLBByDefault: bool('@@s:providers.kubernetesIngress.nativeLBByDefault@@'),
  reportNodeInternalIPs: bool('@@s:providers.kubernetesIngress.reportNodeInternalIPs@@'),
  strictPrefixMatching: bool('@@s:providers.kubernetesIngress.strictPrefixMatching@@'),
  throttleDuration: duration('@@s:providers.kubernetesIngress.throttleDuration@@'),
  token: text('@@s:providers.kubernetesIngress.token@@', { fileOrContent: true, secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the kubernetesIngress provider. */
export type KubernetesIngressProviderOptions = Static<typeof kubernetesIngressProvider>
