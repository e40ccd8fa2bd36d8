/** Refusing paths by the characters that are escaped in them, for entry points and the `encodedCharacters` middleware. */
import type { EncodedCharactersOptions } from '../../config/routing/middlewares/encoded-characters.ts'
import type { Exchange } from './exchange.ts'
import { respondText } from './respond.ts'

/**
 * What refuses paths with escapes that these options do not allow; null when they allow all. It answers 400 without a body and says true when the
 * path has one; the query does not count.
 */
export function refusalOfEncoded(options: Readonly<EncodedCharactersOptions>): ((exchange: Exchange) => boolean) | null {
  const forbidden: string[] = []
  if (!options.allowEncodedSlash) forbidden.push('%2F', '%2f')
  if (!options.allowEncodedBackSlash) forbidden.push('%5C', '%5c')
  if (!options.allowEncodedNullCharacter) forbidden.push('%00')
  if (!options.allowEncodedSemicolon) forbidden.push('%3B', '%3b')
  if (!options.allowEncodedPercent) forbidden.push('%25')
  if (!options.allowEncodedQuestionMark) forbidden.push('%3F', '%3f')
  if (!options.allowEncodedHash) forbidden.push('%23')
  if (forbidden.length === 0) return null
  return (exchange) => {
    const { path } = exchange
    for (let at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 3)) {
      if (!forbidden.includes(path.slice(at, at + 3))) continue
      respondText(exchange, 400, '', 'bad_path')
      return true
    }
    return false
  }
}
