import { type Static, bool, duration, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesIngress provider. */
export const kubernetesIngressProvider = object(
  'Routing configuration from Kubernetes ingresses.',
  {
    allowEmptyServices: bool('Whether a service stays that has no endpoint.'),
    allowExternalNameServices: bool('Whether services of type ExternalName may be used.'),
    certAuthFilePath: text('Certificate authority of the Kubernetes API: a file.', { masked: true }),
    crossProviderNamespaces: textList('Namespaces whose objects may refer to other providers.'),
    disableClusterScopeResources: bool('Whether objects without a namespace are left alone.'),
    disableIngressClassLookup: bool('Whether ingress classes are not read.', { deprecated: 'use disableClusterScopeResources' }),
    endpoint: text('URL of the Kubernetes API.', { masked: true }),
    ingressClass: text('Class that ingresses must have.'),
    ingressEndpoint: optional(
      object('Address that ingresses show.', {
        hostname: text('The address as a name.', { masked: true }),
        ip: text('The address as an IP address.', { masked: true }),
        publishedService: text('Kubernetes service that has the address, as `namespace/name`.', { masked: true }),
      }),
    ),
    labelSelector: text('Labels that ingresses must have.'),
    namespaces: textList('Namespaces to read; all when empty.'),
    nativeLBByDefault: bool('Whether Kubernetes itself balances, for services that do not say.'),
    reportNodeInternalIPs: bool('Whether ingresses show internal addresses of nodes.'),
    strictPrefixMatching: bool('Whether prefixes end at a slash only.'),
    throttleDuration: duration('Shortest time between two readings.'),
    token: text('Token for the Kubernetes API.', { fileOrContent: true, secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the kubernetesIngress provider. */
export type KubernetesIngressProviderOptions = Static<typeof kubernetesIngressProvider>
