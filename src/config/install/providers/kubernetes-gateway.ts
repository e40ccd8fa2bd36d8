import { type Static, bool, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesGateway provider. */
export const kubernetesGatewayProvider = object('@@s:providers.kubernetesGateway@@', {
  burst: int('@@s:providers.kubernetesGateway.burst@@', { default: 100 }),
  certAuthFilePath: text('@@s:providers.kubernetesGateway.certAuthFilePath@@', { masked: true }),
  crossProviderNamespaces: textList('@@s:providers.kubernetesGateway.crossProviderNamespaces@@'),
  endpoint: text('@@s:providers.kubernetesGateway.endpoint@@', { masked: true }),
  experimentalChannel: bool('@@s:providers.kubernetesGateway.experimentalChannel@@'),
  labelSelector: text('@@s:providers.kubernetesGateway.labelSelector@@'),
  namespaces: textList('@@s:providers.kubernetesGateway.namespaces@@'),
  nativeLBByDefault: bool('@@s:providers.kubernetesGateway.nativeLBByDefault@@'),
  qps: int('@@s:providers.kubernetesGateway.qps@@', { default: 50 }),
  statusAddress: optional(object('@@s:providers.kubernetesGateway.statusAddress@@', {
    hostname: text('@@s:providers.kubernetesGateway.statusAddress.hostname@@', { masked: true }),
    ip: text('@@s:providers.kubernetesGateway.statusAddress.ip@@', { masked: true }),
    service: object('@@s:providers.kubernetesGateway.statusAddress.service@@', {
      name: text('@@s:providers.kubernetesGateway.statusAddress.service.name@@', { masked: true }),
      namespace: text('@@s:providers.kubernetesGateway.statusAddress.service.namespace@@', { masked: true }),
    }, { masked: true }),
  })),
  throttleDuration: duration('@@s:providers.kubernetesGateway.throttleDuration@@'),
  token: text('@@s:providers.kubernetesGateway.token@@', { fileOrContent: true, secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the kubernetesGateway provider. */
export type KubernetesGatewayProviderOptions = Static<typeof kubernetesGatewayProvider>
