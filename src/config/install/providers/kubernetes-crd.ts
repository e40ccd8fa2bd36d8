import { type Static, bool, duration, object, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesCRD provider. */
export const kubernetesCRDProvider = object('@@s:providers.kubernetesCRD@@', {
  allowCrossNamespace: bool('@@s:providers.kubernetesCRD.allowCrossNamespace@@'),
  allowEmptyServices: bool('@@s:providers.kubernetesCRD.allowEmptyServices@@'),
  allowExternalNameServices: bool('@@s:providers.kubernetesCRD.allowExternalNameServices@@'),
  certAuthFilePath: text('@@s:providers.kubernetesCRD.certAuthFilePath@@', { masked: true }),
  crossProviderNamespaces: textList('@@s:providers.kubernetesCRD.crossProviderNamespaces@@'),
  disableClusterScopeResources: bool('@@s:providers.kubernetesCRD.disableClusterScopeResources@@'),
  endpoint: text('@@s:providers.kubernetesCRD.endpoint@@', { masked: true }),
  ingressClass: text('@@s:providers.kubernetesCRD.ingressClass@@'),
  labelSelector: text('@@s:providers.kubernetesCRD.labelSelector@@'),
  namespaces: textList('@@s:providers.kubernetesCRD.namespaces@@'),
  nativeLBByDefault: bool('@@s:providers.kubernetesCRD.nativeLBByDefault@@'),
  throttleDuration: duration('@@s:providers.kubernetesCRD.throttleDuration@@'),
  token: text('@@s:providers.kubernetesCRD.token@@', { fileOrContent: true, secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the kubernetesCRD provider. */
export type KubernetesCRDProviderOptions = Static<typeof kubernetesCRDProvider>
