import { type Static, bool, defineServiceOptions, int, object, objectList, optional, text } from '../../schema/kit.ts'

/** @@dk:http.services.<name>.mirroring@@ */
export const mirroring = defineServiceOptions({
  key: 'mirroring',
  built: false,
  options: object('@@d:http.services.<name>.mirroring@@', {
    service: text('@@d:http.services.<name>.mirroring.service@@'),
    mirrorBody: bool('@@d:http.services.<name>.mirroring.mirrorBody@@', { default: true, pointer: true }),
    maxBodySize: int('@@d:http.services.<name>.mirroring.maxBodySize@@', { default: -1, pointer: true }),
    mirrors: objectList('@@d:http.services.<name>.mirroring.mirrors@@', {
      name: text('@@d:http.services.<name>.mirroring.mirrors[n].name@@'),
      percent: int('@@d:http.services.<name>.mirroring.mirrors[n].percent@@'),
    }),
    healthCheck: optional(object('@@d:http.services.<name>.mirroring.healthCheck@@', {}, { allowEmpty: true })),
  }, { noLabel: true }),
})

/** Options of `mirroring`. */
export type MirroringOptions = Static<typeof mirroring.options>
