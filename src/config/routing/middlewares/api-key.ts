import { type Static, bool, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'
import { parseNamedSecrets } from '../named-secrets.ts'

/** Prefix of a key that is given by its digest. */
export const digestPrefix = '{SHA256}'
const digestPattern = /^[0-9a-fA-F]{64}$/

/** Asks for a key that the client was given. */
export const apiKey = defineMiddlewareOptions({
  key: 'apiKey',
  options: object(
    'Asks for a key that the client was given.',
    {
      keys: textList('Keys as `name:key`, or as `name:{SHA256}digest` with the digest of the key in hexadecimal digits.', { secret: true }),
      keysFile: text('File with one `name:key` per line.'),
      header: text('Request header with the key; empty for none.', { default: 'X-Api-Key' }),
      scheme: text('Word in front of the key in that header, such as `Bearer`.'),
      query: text('Query parameter with the key.'),
      cookie: text('Cookie with the key.'),
      realm: text('Realm of the challenge.', { effective: 'traefik' }),
      removeKey: bool('Whether the key is taken off before the request goes on.'),
      headerField: text("Request header that gets the key's name."),
    },
    { extension: true },
  ),
  // The lines of keysFile stand in front of `keys` by now: the control plane has read the file.
  check({ keys, header, query, cookie }) {
    const parsed = parseNamedSecrets(keys)
    if ('error' in parsed) return parsed.error
    const bad = parsed.find(({ secret }) => secret.startsWith(digestPrefix) && !digestPattern.test(secret.slice(digestPrefix.length)))
    if (bad !== undefined) return `keys: the digest of ${bad.name} is not of 64 hexadecimal digits`
    return header === '' && query === '' && cookie === '' ? 'one of header, query and cookie must say where the key is' : undefined
  },
})

/** Options of `apiKey`. */
export type ApiKeyOptions = Static<typeof apiKey.options>
