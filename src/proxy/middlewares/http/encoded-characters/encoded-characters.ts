/** `encodedCharacters`: refuses paths with certain encoded characters. */
import {
  encodedCharacters as encodedCharactersOptions,
  type EncodedCharactersOptions,
} from '../../../../config/routing/middlewares/encoded-characters.ts'
import { refusalOfEncoded } from '../../../http/encoded-characters.ts'
import { defineMiddleware } from '../../../http/middleware.ts'

/** Answers 400 to a path, as earlier middlewares left it, with an escape that is not allowed. */
export const encodedCharacters = defineMiddleware<EncodedCharactersOptions>({
  key: encodedCharactersOptions.key,
  isPure: true,
  create(options) {
    const refused = refusalOfEncoded(options)
    if (refused === null) return (next) => next
    return (next) => (exchange) => (refused(exchange) ? undefined : next(exchange))
  },
})
