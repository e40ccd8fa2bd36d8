/** Custom header fields of the `headers` middleware: set, replaced or removed. */
import type { Exchange } from '../../../http/exchange.ts'
import { fieldValue, isFieldName } from '../../../http/field-value.ts'
import { type HeaderList, lowerName } from '../../../http/header-list.ts'

/** A field to set, or to remove. */
export interface FieldChange {
  readonly name: string
  readonly key: string
  readonly value: string
  readonly removes: boolean
}

/** Changes to a request, prepared once. */
export interface RequestChanges {
  readonly fields: readonly FieldChange[]
  /** Host to forward; null leaves it. */
  readonly host: string | null
  /** True when the address of the client is not told at all. */
  readonly hidesClient: boolean
  /** True when what asks for another protocol is taken out, so that the request is one like others. */
  readonly endsUpgrade: boolean
}

/** Fields that belong to the framing of a message, which the engines alone write. */
const framingKeys: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Prepares changes; a name that cannot be a field's is left out, as Go's server does. */
export function fieldChanges(configured: Readonly<Record<string, string>>): FieldChange[] {
  const changes: FieldChange[] = []
  for (const [name, text] of Object.entries(configured)) {
    const key = lowerName(name)
    if (!isFieldName(name) || framingKeys.has(key)) continue
    changes.push({ name, key, value: fieldValue(text), removes: text === '' })
  }
  return changes
}

/** Prepares `customRequestHeaders`. An empty X-Forwarded-For, in this very spelling, hides the client; an empty Host does nothing. */
export function requestChanges(configured: Readonly<Record<string, string>>): RequestChanges {
  const all = fieldChanges(configured)
  const host = all.find((change) => change.key === 'host')
  return {
    fields: all.filter((change) => change.key !== 'host'),
    host: host === undefined || host.removes ? null : host.value,
    hidesClient: configured['X-Forwarded-For'] === '',
    endsUpgrade: all.some(endsUpgrade),
  }
}

function endsUpgrade(change: FieldChange): boolean {
  if (change.key === 'upgrade') return change.removes
  return change.key === 'connection' && !change.value.split(',').some((token) => token.trim().toLowerCase() === 'upgrade')
}

/** Applies changes to a request. */
export function changeRequest(exchange: Exchange, changes: RequestChanges): void {
  applyChanges(exchange.headers, changes.fields)
  if (changes.host !== null) exchange.hostRaw = changes.host
  if (changes.hidesClient) exchange.suppressForwardedFor = true
  if (changes.endsUpgrade) exchange.upgrade = ''
}

/** Applies changes to a list of fields. */
export function applyChanges(headers: HeaderList, changes: readonly FieldChange[]): void {
  for (let index = 0; index < changes.length; index += 1) {
    const change = changes[index]!
    if (change.removes) headers.delete(change.key)
    else headers.set(change.name, change.value)
  }
}
