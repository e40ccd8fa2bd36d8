import { type Static, bool, defineMiddlewareOptions, object } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.encodedCharacters@@ */
export const encodedCharacters = defineMiddlewareOptions({
  key: 'encodedCharacters',
  built: false,
  options: object('@@d:http.middlewares.<name>.encodedCharacters@@', {
    allowEncodedSlash: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedSlash@@'),
    allowEncodedBackSlash: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedBackSlash@@'),
    allowEncodedNullCharacter: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedNullCharacter@@'),
    allowEncodedSemicolon: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedSemicolon@@'),
    allowEncodedPercent: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedPercent@@'),
    allowEncodedQuestionMark: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedQuestionMark@@'),
    allowEncodedHash: bool('@@d:http.middlewares.<name>.encodedCharacters.allowEncodedHash@@'),
  }),
})

/** Options of `encodedCharacters`. */
export type EncodedCharactersOptions = Static<typeof encodedCharacters.options>
