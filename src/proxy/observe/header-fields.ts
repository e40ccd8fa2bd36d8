/** Which header fields an access log shows, and how: kept, dropped, or kept with the value masked. */
import type { AccessLogPlan } from '../../generation/plan.ts'
import type { HeaderList } from '../http/header-list.ts'
import { jsonBytes } from './log-text.ts'

type Mode = 'keep' | 'drop' | 'redact'

const masked = 'REDACTED'
/** Names come from clients: what is remembered of them is bounded. */
const namesMax = 2048

interface NamedField {
  /** As Go writes it: `X-Forwarded-For`. */
  readonly name: string
  readonly mode: Mode
}

/** Formats the header fields of one kind of message, such as `request_`. */
export class HeaderFields {
  /** True when no field is ever shown. */
  readonly none: boolean
  readonly #defaultMode: Mode
  readonly #named = new Map<string, Mode>()
  /** By lower-case name; only for listed names. */
  readonly #listed: readonly (readonly [string, NamedField])[]
  readonly #known = new Map<string, NamedField>()

  constructor(plan: AccessLogPlan) {
    // An unreadable default must not show more than the user meant.
    this.#defaultMode = modeOf(plan.headersDefaultMode, 'drop')
    for (const [name, mode] of Object.entries(plan.headerNames)) this.#named.set(name.toLowerCase(), modeOf(mode, this.#defaultMode))
    const listed = [...this.#named].map(([key, mode]): [string, NamedField] => [key, { name: canonicalName(key), mode }])
    this.#listed = listed.filter(([, field]) => field.mode !== 'drop').sort(([, a], [, b]) => (a.name < b.name ? -1 : 1))
    this.none = this.#defaultMode === 'drop' && this.#listed.length === 0
  }

  /** `"request_X-A":"1,2","request_X-B":"…",` in order of names; '' when there are none. */
  json(headers: HeaderList, prefix: string): string {
    if (this.none) return ''
    let text = ''
    if (this.#defaultMode === 'drop') {
      for (const [key, field] of this.#listed) {
        const value = joined(headers, key)
        if (value !== null) text += `"${prefix}${field.name}":${field.mode === 'redact' ? `"${masked}"` : jsonBytes(value)},`
      }
      return text
    }
    for (const [key, field] of this.#shown(headers)) {
      const value = field.mode === 'redact' ? masked : (joined(headers, key) ?? '')
      text += `${jsonBytes(`${prefix}${field.name}`)}:${jsonBytes(value)},`
    }
    return text
  }

  /** The shown value of one field, by lower-case name; null when it is absent or dropped. */
  value(headers: HeaderList, key: string): string | null {
    if (this.none) return null
    const { mode } = this.#field(key)
    if (mode === 'drop') return null
    const value = joined(headers, key)
    return value === null || mode === 'keep' ? value : masked
  }

  /** The fields to show, by lower-case name, in order of their names. */
  #shown(headers: HeaderList): [string, NamedField][] {
    const shown: [string, NamedField][] = []
    const { keys } = headers
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? ''
      // Go keeps these two apart from the other fields.
      if (key === '' || key === 'host' || key === 'transfer-encoding' || keys.indexOf(key) < index) continue
      const field = this.#field(key)
      if (field.mode !== 'drop') shown.push([key, field])
    }
    return shown.sort(([, a], [, b]) => (a.name < b.name ? -1 : 1))
  }

  #field(key: string): NamedField {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const field = { name: canonicalName(key), mode: this.#named.get(key) ?? this.#defaultMode }
    if (this.#known.size >= namesMax) this.#known.clear()
    this.#known.set(key, field)
    return field
  }
}

function modeOf(text: string, otherwise: Mode): Mode {
  return text === 'keep' || text === 'drop' || text === 'redact' ? text : otherwise
}

/** All values of a field joined by commas; null when there is none. */
function joined(headers: HeaderList, key: string): string | null {
  const values = headers.getAll(key)
  if (values.length === 0) return null
  return values.length === 1 ? (values[0] ?? '') : values.join(',')
}

/** A lower-case field name as Go writes it: letters after a dash in upper case. */
function canonicalName(key: string): string {
  return key.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}
