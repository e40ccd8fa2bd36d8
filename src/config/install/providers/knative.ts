import { type Static, duration, object, text, textList } from '../../schema/kit.ts'

/** Options of the knative provider. */
export const knativeProvider = object(
  'Routing configuration from Knative.',
  {
    certAuthFilePath: text('Certificate authority of the Kubernetes API: a file.', { masked: true }),
    endpoint: text('URL of the Kubernetes API.', { masked: true }),
    labelSelector: text('Labels that objects must have.'),
    namespaces: textList('Namespaces to read; all when empty.'),
    privateEntrypoints: textList('Entry points for private routes.'),
    privateService: object('Kubernetes service of the private entry points.', {
      name: text('Name of the service.', { masked: true }),
      namespace: text('Namespace of the service.', { masked: true }),
    }),
    publicEntrypoints: textList('Entry points for public routes.'),
    publicService: object('Kubernetes service of the public entry points.', {
      name: text('Name of the service.', { masked: true }),
      namespace: text('Namespace of the service.', { masked: true }),
    }),
    throttleDuration: duration('Shortest time between two readings.', { masked: true }),
    token: text('Token for the Kubernetes API.', { masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the knative provider. */
export type KnativeProviderOptions = Static<typeof knativeProvider>
