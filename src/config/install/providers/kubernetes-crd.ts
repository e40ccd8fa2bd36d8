import { type Static, bool, duration, object, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesCRD provider. */
export const kubernetesCRDProvider = object(
  "Routing configuration from Kubernetes objects of Traefik's own kinds.",
  {
    allowCrossNamespace: bool('Whether objects may refer to other namespaces.'),
    allowEmptyServices: bool('Whether a service stays that has no endpoint.'),
    allowExternalNameServices: bool('Whether services of type ExternalName may be used.'),
    certAuthFilePath: text('Certificate authority of the Kubernetes API: a file.', { masked: true }),
    crossProviderNamespaces: textList('Namespaces whose objects may refer to other providers.'),
    disableClusterScopeResources: bool('Whether objects without a namespace are left alone.'),
    endpoint: text('URL of the Kubernetes API.', { masked: true }),
    ingressClass: text('Class that objects must have.'),
    labelSelector: text('Labels that objects must have.'),
    namespaces: textList('Namespaces to read; all when empty.'),
    nativeLBByDefault: bool('Whether Kubernetes itself balances, for services that do not say.'),
    throttleDuration: duration('Shortest time between two readings.'),
    token: text('Token for the Kubernetes API.', { fileOrContent: true, secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the kubernetesCRD provider. */
export type KubernetesCRDProviderOptions = Static<typeof kubernetesCRDProvider>
