import { type Static, bool, defineMiddlewareOptions, object } from '../../schema/kit.ts'

/** Refuses paths with certain encoded characters. */
export const encodedCharacters = defineMiddlewareOptions({
  key: 'encodedCharacters',
  options: object('Refuses paths with certain encoded characters.', {
    allowEncodedSlash: bool('Whether %2F may stand in the path.'),
    allowEncodedBackSlash: bool('Whether %5C may stand in the path.'),
    allowEncodedNullCharacter: bool('Whether %00 may stand in the path.'),
    allowEncodedSemicolon: bool('Whether %3B may stand in the path.'),
    allowEncodedPercent: bool('Whether %25 may stand in the path.'),
    allowEncodedQuestionMark: bool('Whether %3F may stand in the path.'),
    allowEncodedHash: bool('Whether %23 may stand in the path.'),
  }),
})

/** Options of `encodedCharacters`. */
export type EncodedCharactersOptions = Static<typeof encodedCharacters.options>
