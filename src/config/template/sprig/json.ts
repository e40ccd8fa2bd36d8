/** Sprig's functions for JSON. */
import type { Budget } from '../budget.ts'
import { fromText, toText } from '../bytes.ts'
import { fn, table, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'
import { GoInteger, GoList, GoMap, fromPlain, sortedKeys, type PlainValue, type Value } from '../value.ts'

function decode(text: string): Value {
  let parsed: PlainValue
  try {
    parsed = JSON.parse(toText(text))
  } catch (error) {
    throw new TemplateFault(fromText(error instanceof Error ? error.message : 'invalid JSON'))
  }
  return fromPlain(parsed)
}

/** Reads JSON as `fromJson` does: what is none gives nil. */
function decodeOrNil(text: string): Value {
  try {
    return decode(text)
  } catch (error) {
    if (error instanceof TemplateFault) return null
    throw error
  }
}

interface Style {
  readonly escapesHtml: boolean
  /** The indentation of one level; empty for JSON on one line. */
  readonly indent: string
}

function encode(value: Value, style: Style, budget: Budget, lead = '\n'): string {
  budget.step()
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'string') return encodeString(value, style)
  if (value instanceof GoInteger) return String(value.value)
  if (!(value instanceof GoList || value instanceof GoMap)) return encode(value.json(), style, budget, lead)
  budget.enter()
  const inner = lead + style.indent
  const parts =
    value instanceof GoList
      ? value.items.map((item) => encode(item, style, budget, inner))
      : sortedKeys(value).map(
          (key) => `${encodeString(key, style)}:${style.indent === '' ? '' : ' '}${encode(value.entries.get(key), style, budget, inner)}`,
        )
  const [open, close] = value instanceof GoList ? ['[', ']'] : ['{', '}']
  const body = style.indent === '' || parts.length === 0 ? parts.join(',') : `${inner}${parts.join(`,${inner}`)}${lead}`
  budget.leave()
  budget.bytes(body.length)
  return `${open}${body}${close}`
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TemplateFault(`json: unsupported value: ${value}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

const htmlEscape = /[<>&\u2028\u2029]/g
const lineEscape = /[\u2028\u2029]/g

function encodeString(bytes: string, style: Style): string {
  const text = JSON.stringify(toText(bytes))
  return fromText(
    text.replaceAll(
      style.escapesHtml ? htmlEscape : lineEscape,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )
}

function encoder(style: Style): ReturnType<typeof fn> {
  return fn(['any'], (context, value) => encode(value, style, context.budget))
}

const compact = encoder({ escapesHtml: true, indent: '' })
const pretty = encoder({ escapesHtml: true, indent: '  ' })
const raw = encoder({ escapesHtml: false, indent: '' })

/** Functions that read and write JSON. */
export const jsonFunctions: TemplateFunctions = table({
  fromJson: fn(['string'], (_, text) => decodeOrNil(text)),
  mustFromJson: fn(['string'], (_, text) => decode(text)),
  toJson: compact,
  mustToJson: compact,
  toPrettyJson: pretty,
  mustToPrettyJson: pretty,
  toRawJson: raw,
  mustToRawJson: raw,
})
