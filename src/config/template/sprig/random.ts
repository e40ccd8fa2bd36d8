/** Sprig's random functions; all randomness is passed in. */
import { splitRunes } from '../bytes.ts'
import { fn, table, type CallContext, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'
import { int } from '../value.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(i + 32)).join('')

const wordSize = 6
const wordRange = 2 ** (8 * wordSize)

/** Gives a number from 0 to below a limit, each as likely as the others. */
function below(context: CallContext, limit: number): number {
  if (!(limit > 0 && limit <= wordRange)) throw new TemplateFault(`invalid argument to Intn: ${limit}`)
  const fair = wordRange - (wordRange % limit)
  for (;;) {
    context.budget.step()
    const value = Buffer.from(context.host.randomBytes(wordSize)).readUIntBE(0, wordSize)
    // What lies above the last whole multiple would make some numbers likelier.
    if (value < fair) return value % limit
  }
}

function randomText(context: CallContext, count: number, alphabet: string): string {
  if (count <= 0) return ''
  context.budget.bytes(count)
  context.budget.items(count)
  let text = ''
  for (let i = 0; i < count; i++) text += alphabet[below(context, alphabet.length)] ?? ''
  return text
}

function textOf(alphabet: string): ReturnType<typeof fn> {
  return fn(['int'], (context, count) => randomText(context, count, alphabet))
}

/** RFC 9562 section 5.4. */
function uuid(bytes: Uint8Array): string {
  const octets = Array.from(bytes.subarray(0, 16))
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const hex = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function shuffle(context: CallContext, text: string): string {
  const runes = splitRunes(text)
  for (let last = runes.length - 1; last > 0; last--) {
    const other = below(context, last + 1)
    const [a = '', b = ''] = [runes[last], runes[other]]
    runes[last] = b
    runes[other] = a
  }
  return runes.join('')
}

/** Functions whose results differ from one execution to the next. */
export const randomFunctions: TemplateFunctions = table({
  randAlpha: textOf(letters),
  randAlphaNum: textOf(letters + digits),
  randAscii: textOf(ascii),
  randBytes: fn(['int'], (context, count) => {
    if (count < 0) throw new TemplateFault(`cannot make ${count} bytes`)
    context.budget.bytes(count)
    return Buffer.from(context.host.randomBytes(count)).toString('base64')
  }),
  randInt: fn(['int', 'int'], (context, from, to) => int(from + below(context, to - from))),
  randNumeric: textOf(digits),
  shuffle: fn(['string'], (context, text) => shuffle(context, text)),
  uuidv4: fn([], (context) => uuid(context.host.randomBytes(16))),
})
