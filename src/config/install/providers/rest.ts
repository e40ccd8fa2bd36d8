import { type Static, bool, object } from '../../schema/kit.ts'

/** Options of the rest provider. */
export const restProvider = object('@@s:providers.rest@@', {
  insecure: bool('@@s:providers.rest.insecure@@'),
}, { allowEmpty: true })

/** Decoded options of the rest provider. */
export type RestProviderOptions = Static<typeof restProvider>
