import { type Static, bool, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesGateway provider. */
export const kubernetesGatewayProvider = object(
  'Routing configuration from the Kubernetes Gateway API.',
  {
    burst: int('Requests to the Kubernetes API that may come at once.', { default: 100 }),
    certAuthFilePath: text('Certificate authority of the Kubernetes API: a file.', { masked: true }),
    crossProviderNamespaces: textList('Namespaces whose objects may refer to other providers.'),
    endpoint: text('URL of the Kubernetes API.', { masked: true }),
    experimentalChannel: bool('Whether experimental kinds are read.'),
    labelSelector: text('Labels that objects must have.'),
    namespaces: textList('Namespaces to read; all when empty.'),
    nativeLBByDefault: bool('Whether Kubernetes itself balances, for services that do not say.'),
    qps: int('Requests per second to the Kubernetes API.', { default: 50 }),
    statusAddress: optional(
      object('Address that gateways show.', {
        hostname: text('The address as a name.', { masked: true }),
        ip: text('The address as an IP address.', { masked: true }),
        service: object(
          'Kubernetes service that has the address.',
          {
            name: text('Name of the service.', { masked: true }),
            namespace: text('Namespace of the service.', { masked: true }),
          },
          { masked: true },
        ),
      }),
    ),
    throttleDuration: duration('Shortest time between two readings.'),
    token: text('Token for the Kubernetes API.', { fileOrContent: true, secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the kubernetesGateway provider. */
export type KubernetesGatewayProviderOptions = Static<typeof kubernetesGatewayProvider>
