import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.chain@@ */
export const chain = defineMiddlewareOptions({
  key: 'chain',
  options: object('@@d:http.middlewares.<name>.chain@@', {
    middlewares: textList('@@d:http.middlewares.<name>.chain.middlewares@@'),
  }),
})

/** Options of `chain`. */
export type ChainOptions = Static<typeof chain.options>
