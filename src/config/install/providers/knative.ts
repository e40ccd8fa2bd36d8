import { type Static, duration, object, text, textList } from '../../schema/kit.ts'

/** Options of the knative provider. */
export const knativeProvider = object('@@s:providers.knative@@', {
  certAuthFilePath: text('@@s:providers.knative.certAuthFilePath@@', { masked: true }),
  endpoint: text('@@s:providers.knative.endpoint@@', { masked: true }),
  labelSelector: text('@@s:providers.knative.labelSelector@@'),
  namespaces: textList('@@s:providers.knative.namespaces@@'),
  privateEntrypoints: textList('@@s:providers.knative.privateEntrypoints@@'),
  privateService: object('@@s:providers.knative.privateService@@', {
    name: text('@@s:providers.knative.privateService.name@@', { masked: true }),
    namespace: text('@@s:providers.knative.privateService.namespace@@', { masked: true }),
  }),
  publicEntrypoints: textList('@@s:providers.knative.publicEntrypoints@@'),
  publicService: object('@@s:providers.knative.publicService@@', {
    name: text('@@s:providers.knative.publicService.name@@', { masked: true }),
    namespace: text('@@s:providers.knative.publicService.namespace@@', { masked: true }),
  }),
  throttleDuration: duration('@@s:providers.knative.throttleDuration@@', { masked: true }),
  token: text('@@s:providers.knative.token@@', { masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the knative provider. */
export type KnativeProviderOptions = Static<typeof knativeProvider>
