import { type Static, bool, defineMiddlewareOptions, duration, int, object, text, textList } from '../../schema/kit.ts'
import { parseNamedSecrets } from '../named-secrets.ts'
import { signatureBytes } from '../nonce-memory.ts'

/** Fewest bytes of a secret: as many as a digest has (RFC 2104 §3). */
const secretBytesMin = 32
/** Longest window of time, in milliseconds: signatures are remembered for as long. */
const windowMsMax = 3_600_000
const component = /^(@method|@authority|@scheme|@target-uri|@request-target|@path|@query|[a-z0-9!#$%&'*+.^_`|~-]+)$/

/** Asks for requests that are signed with a shared secret (RFC 9421, `hmac-sha256`). */
export const hmac = defineMiddlewareOptions({
  key: 'hmac',
  options: object(
    'Asks for requests that are signed with a shared secret (RFC 9421, `hmac-sha256`).',
    {
      keys: textList('Secrets as `keyid:secret`, each of at least 32 bytes.', { secret: true }),
      keysFile: text('File with one `keyid:secret` per line.'),
      components: textList('What a signature must cover: derived components such as `@method`, and names of headers in lower case.', {
        default: ['@method', '@authority', '@path', '@query'],
      }),
      label: text('Label of the signature that counts; with none there must be only one.'),
      window: duration('How old a signature may be, and how far ahead of our clock; at most an hour.', { default: '5m' }),
      allowReplay: bool('Whether a signature may be used more than once within the window.'),
      allowUnsignedBody: bool('Whether a body needs no signed Content-Digest (RFC 9530).'),
      maxBodySize: int('Longest body whose digest is checked, in bytes; it is read into memory.', { default: 1_048_576, minimum: 0 }),
      removeSignature: bool('Whether the signature is taken off before the request goes on.'),
      headerField: text('Request header that gets the id of the key.'),
    },
    { extension: true },
  ),
  // The lines of keysFile stand in front of `keys` by now: the control plane has read the file.
  check({ keys, components, window }) {
    const parsed = parseNamedSecrets(keys)
    if ('error' in parsed) return parsed.error
    const short = parsed.find(({ secret }) => Buffer.byteLength(secret) < secretBytesMin)
    if (short !== undefined) return `keys: the secret of ${short.name} is shorter than ${secretBytesMin} bytes`
    const bad = components.find((name) => !component.test(name))
    if (bad !== undefined) return `components: ${bad} is neither a derived component that is known nor a header in lower case`
    if (components.length === 0) return 'components: a signature must cover something'
    return window <= 0 || window > windowMsMax ? 'window: must be more than nothing and no more than an hour' : undefined
  },
  sharedBytes: () => signatureBytes,
})

/** Options of `hmac`. */
export type HmacOptions = Static<typeof hmac.options>
