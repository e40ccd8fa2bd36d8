import { type Static, bool, duration, int, object, optional, text, textList } from '../../schema/kit.ts'

/** Options of the kubernetesIngressNGINX provider. */
export const kubernetesIngressNGINXProvider = object(
  'Routing configuration from Kubernetes ingresses with annotations of ingress-nginx.',
  {
    allowCrossNamespaceResources: bool('Whether annotations may refer to other namespaces.'),
    allowSnippetAnnotations: bool('Whether snippets are read.'),
    certAuthFilePath: text('Certificate authority of the Kubernetes API: a file.', { masked: true }),
    clientBodyBufferSize: int('Bytes of a request body that are kept in memory.', { default: 16384 }),
    controllerClass: text('Controller that ingress classes must name.', { default: 'k8s.io/ingress-nginx' }),
    customHTTPErrors: textList('Statuses whose answers are replaced.'),
    defaultBackendService: text('Service for requests that match nothing, as `namespace/name`.'),
    disableSvcExternalName: bool('Whether services of type ExternalName are refused.'),
    endpoint: text('URL of the Kubernetes API.', { masked: true }),
    globalAllowedResponseHeaders: textList('Headers that annotations may set.'),
    globalAuthURL: text('URL of the authentication server for all ingresses.'),
    httpEntryPoint: text('Entry point for plain HTTP.'),
    httpsEntryPoint: text('Entry point for HTTPS.'),
    ingressClass: text('Class that ingresses must have.', { default: 'nginx' }),
    ingressClassByName: bool('Whether classes are found by name too.'),
    ipAllowListStrategy: optional(
      object('How client addresses are found for allow lists.', {
        depth: int('Position in X-Forwarded-For, counted from the right; 0 is the address of the connection.'),
        excludedIPs: textList('Addresses and ranges that are passed over in X-Forwarded-For.', { masked: true }),
        ipv6Subnet: optional(int('Prefix length to which IPv6 addresses are cut.', { masked: true })),
      }),
    ),
    proxyBodySize: int('Largest request body in bytes.', { default: 1048576 }),
    proxyBuffering: bool('Whether answers are buffered.'),
    proxyBufferSize: int('Bytes of the first buffer for an answer.', { default: 8192 }),
    proxyBuffersNumber: int('How many buffers an answer has.', { default: 4 }),
    proxyConnectTimeout: int('Seconds for connecting.', { default: 60 }),
    proxyNextUpstream: text('When a request is sent to another server.', { default: 'error timeout' }),
    proxyNextUpstreamTimeout: int('Seconds for all tries; 0 is no limit.'),
    proxyNextUpstreamTries: int('Most tries; 0 is no limit.', { default: 3 }),
    proxyReadTimeout: int('Seconds between two reads.', { default: 60 }),
    proxyRequestBuffering: bool('Whether requests are buffered.'),
    proxySendTimeout: int('Seconds between two writes.', { default: 60 }),
    publishService: text('Kubernetes service whose address ingresses show, as `namespace/name`.'),
    publishStatusAddress: textList('Addresses that ingresses show.', { masked: true }),
    strictValidatePathType: bool('Whether paths are checked by their type.', { default: true }),
    throttleDuration: duration('Shortest time between two readings.'),
    token: text('Token for the Kubernetes API.', { fileOrContent: true, secret: true, masked: true }),
    upstreamKeepaliveTimeout: int('Seconds that idle connections are kept.', { default: 60 }),
    watchIngressWithoutClass: bool('Whether ingresses without a class count.'),
    watchNamespace: text('Namespace to read; all when empty.'),
    watchNamespaceSelector: text('Labels that namespaces must have.'),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the kubernetesIngressNGINX provider. */
export type KubernetesIngressNGINXProviderOptions = Static<typeof kubernetesIngressNGINXProvider>
