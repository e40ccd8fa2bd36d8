/** TOML: values by smol-toml, with large integers exact and dates refused. */
import { TomlDate, TomlError, parse } from 'smol-toml'
import { UnsupportedValue, createRecord } from '../schema/raw.ts'
import { SourceError } from './source-error.ts'

/** Deepest nesting of inline tables and arrays. */
const depthMax = 100

/** Reads a TOML text into a raw tree; undefined when it holds nothing. Throws SourceError. */
export function readToml(text: string): unknown {
  let table: unknown
  try {
    table = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: depthMax, unsafeKeyBehaviour: 'keep' })
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const message = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'syntax error'
    throw new SourceError(`toml: ${message}`, { line: cause.line, column: cause.column }, { cause })
  }
  const raw = toRaw(table, 0)
  return typeof raw === 'object' && raw !== null && Object.keys(raw).length === 0 ? undefined : raw
}

function toRaw(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  // Dotted keys nest without brackets, which the parser does not count.
  if (depth > depthMax) throw new SourceError(`toml: nested deeper than ${depthMax} levels`)
  if (value instanceof TomlDate) return new UnsupportedValue('time.Time', value.toISOString())
  if (Array.isArray(value)) return value.map((item) => toRaw(item, depth + 1))
  const record = createRecord<unknown>()
  for (const [key, member] of Object.entries(value)) record[key] = toRaw(member, depth + 1)
  return record
}
