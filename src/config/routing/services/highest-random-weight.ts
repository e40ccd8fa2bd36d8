import { type Static, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** @@dk:http.services.<name>.highestRandomWeight@@ */
export const highestRandomWeight = defineServiceOptions({
  key: 'highestRandomWeight',
  built: false,
  options: object('@@d:http.services.<name>.highestRandomWeight@@', {
    services: objectList('@@d:http.services.<name>.highestRandomWeight.services@@', {
      name: text('@@d:http.services.<name>.highestRandomWeight.services[n].name@@'),
      weight: int('@@d:http.services.<name>.highestRandomWeight.services[n].weight@@', { default: 1, pointer: true }),
    }),
    healthCheck: optional(object('@@d:http.services.<name>.highestRandomWeight.healthCheck@@', {}, { allowEmpty: true })),
  }, { noLabel: true }),
})

/** Options of `highestRandomWeight`. */
export type HighestRandomWeightOptions = Static<typeof highestRandomWeight.options>
