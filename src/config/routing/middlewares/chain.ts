import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** Runs other middlewares, in order. */
export const chain = defineMiddlewareOptions({
  key: 'chain',
  options: object('Runs other middlewares, in order.', {
    middlewares: textList('Names of the middlewares.'),
  }),
})

/** Options of `chain`. */
export type ChainOptions = Static<typeof chain.options>
