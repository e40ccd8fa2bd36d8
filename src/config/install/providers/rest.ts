import { type Static, bool, object } from '../../schema/kit.ts'

/** Options of the rest provider. */
export const restProvider = object(
  'Routing configuration by PUT requests to the API.',
  {
    insecure: bool('Whether it is taken on the entry point `traefik` without a router of yours.'),
  },
  { allowEmpty: true },
)

/** Decoded options of the rest provider. */
export type RestProviderOptions = Static<typeof restProvider>
