/**
 * What every request of an entry point goes through before it is routed: the request is brought into one canonical form, which is matched and
 * forwarded alike, and what the client says about itself is kept, dropped or completed.
 */
import type { EntryPointPlan, GlobalPlan } from '../../generation/plan.ts'
import { buildCidrSet, type CidrSet, parseIpOrCidr } from '../../std/cidr.ts'
import { textToBytes } from '../../std/utf8.ts'
import { applyConnection } from './connection-header.ts'
import { refusalOfEncoded } from './encoded-characters.ts'
import type { Exchange, Handler } from './exchange.ts'
import { EntryPointFields, forwardedPort, type KnownHost } from './forwarded-fields.ts'
import type { HostFlattener } from './host-resolver.ts'
import { looksManaged } from './managed-headers.ts'
import { canonicalPath } from './path.ts'
import { respondPlainError, respondText } from './respond.ts'

const underscores = { keep: 0, delete: 1, reject: 2 } as const

/** First letters of the field names that the pipeline looks at. */
const letterC = 99
const letterP = 112
const letterX = 120

/** What is known once per generation. */
interface Settings {
  readonly underscores: number
  readonly sanitizePath: boolean
  readonly encodeQuerySemicolons: boolean
  /** Believes every client. */
  readonly insecure: boolean
  /** Clients that are believed; null when the list is empty. */
  readonly trusted: CidrSet | null
  readonly suppressForwardedFor: boolean
  /** Lower-case names of fields that stay visible although Connection lists them. */
  readonly connectionKept: readonly string[]
  readonly fields: EntryPointFields
}

/**
 * Builds the pipeline of an entry point in front of its route table. The order is Traefik's: underscores in names, the path, semicolons in the
 * query, forwarded headers, Connection, the canonical host. With a flattener, names are followed to what they are an alias of (`hostResolver`).
 */
export function buildEntryPointPipeline(
  plan: EntryPointPlan,
  global: GlobalPlan,
  next: Handler,
  flattener: HostFlattener | null = null,
): Handler {
  const settings = readSettings(plan, global)
  if (flattener === null) return (exchange) => (prepare(exchange, settings) ? next(exchange) : undefined)
  return (exchange) => {
    if (!prepare(exchange, settings)) return undefined
    const flat = flattener.flatten(exchange.host)
    if (typeof flat === 'string') {
      exchange.flatHost = flat
      return next(exchange)
    }
    return flat.then((name) => {
      exchange.flatHost = name
      return next(exchange)
    })
  }
}

function readSettings(plan: EntryPointPlan, global: GlobalPlan): Settings {
  const { http, forwardedHeaders } = plan.config
  const ranges = forwardedHeaders.trustedIPs.map((text) => {
    const range = parseIpOrCidr(text)
    if (range === undefined) throw new Error(`entry point ${plan.name}: forwardedHeaders.trustedIPs: invalid address or range "${text}"`)
    return range
  })
  return {
    underscores:
      http.underscoreHeadersStrategy === 'reject'
        ? underscores.reject
        : http.underscoreHeadersStrategy === 'delete'
          ? underscores.delete
          : underscores.keep,
    sanitizePath: http.sanitizePath,
    encodeQuerySemicolons: http.encodeQuerySemicolons,
    insecure: forwardedHeaders.insecure,
    trusted: ranges.length === 0 ? null : buildCidrSet(ranges),
    suppressForwardedFor: forwardedHeaders.notAppendXForwardedFor,
    connectionKept: forwardedHeaders.connection.map((name) => name.trim().toLowerCase()),
    fields: new EntryPointFields(textToBytes(global.hostname), forwardedHeaders.addXForwardedSchemeHeaders),
  }
}

/** Brings a request into shape; false when it was answered. */
function prepare(exchange: Exchange, settings: Settings): boolean {
  const sent = exchange.path
  if (sent === '*' && exchange.method === 'OPTIONS') {
    respondText(exchange, 200, '', null)
    return false
  }
  const path = canonicalPath(sent, settings.sanitizePath)
  if (path === null) return refuse(exchange, 'bad_path')
  if (path !== sent) exchange.path = path
  const query = exchange.rawQuery
  if (query !== '' && query.includes(';')) replaceSemicolons(exchange, query, settings.encodeQuerySemicolons)
  const known = settings.fields.find(exchange.hostRaw)
  exchange.host = known.host
  if (settings.suppressForwardedFor) exchange.suppressForwardedFor = true
  return prepareFields(exchange, settings, known)
}

/** Servers may or may not take a semicolon for a separator: what is forwarded leaves them no choice. */
function replaceSemicolons(exchange: Exchange, query: string, encodes: boolean): void {
  exchange.rawQuery = query.replaceAll(';', encodes ? '%3B' : '&')
  if (!encodes) exchange.writtenQuery = query
}

/** One walk over the fields drops what must not go on; then those of the router are added. */
function prepareFields(exchange: Exchange, settings: Settings, known: KnownHost): boolean {
  const { headers } = exchange
  const { keys } = headers
  const strategy = settings.underscores
  const isTrusted = settings.insecure || (settings.trusted !== null && settings.trusted.contains(exchange.connection.remoteIp))
  let connectionAt = -1
  let hasManaged = false
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!
    const first = key.charCodeAt(0)
    if (first === letterX) {
      if (looksManaged(key)) {
        if (isTrusted) hasManaged = true
        else keys[index] = ''
      }
    } else if (first === letterC) {
      if (connectionAt < 0 && key === 'connection') connectionAt = index
    } else if (first === letterP) {
      // Servers with CGI variables take it for their own proxy setting.
      if (key === 'proxy') keys[index] = ''
    }
    if (strategy !== underscores.keep && key.includes('_')) {
      if (strategy === underscores.reject) return refuse(exchange, 'bad_request')
      keys[index] = ''
    }
  }
  if (connectionAt >= 0) applyConnection(exchange, connectionAt, settings.connectionKept)
  if (hasManaged) {
    completeForwarded(exchange, settings)
    return true
  }
  headers.push('X-Real-Ip', 'x-real-ip', exchange.connection.remoteIp)
  known.addTo(headers, protocolOf(exchange))
  return true
}

/** What a trusted client says stays; what it leaves out or empty is filled in. */
function completeForwarded(exchange: Exchange, settings: Settings): void {
  const { headers } = exchange
  joinForwardedFor(exchange)
  fill(exchange, 'X-Real-Ip', 'x-real-ip', exchange.connection.remoteIp)
  const proto = fill(exchange, 'X-Forwarded-Proto', 'x-forwarded-proto', protocolOf(exchange))
  fill(
    exchange,
    'X-Forwarded-Port',
    'x-forwarded-port',
    forwardedPort(exchange.hostRaw, proto === 'https' || proto === 'wss' ? proto : exchange.scheme),
  )
  if (exchange.hostRaw !== '') fill(exchange, 'X-Forwarded-Host', 'x-forwarded-host', exchange.hostRaw)
  headers.set('X-Forwarded-Server', settings.fields.hostname)
  if (settings.fields.addsScheme) {
    headers.set('X-Forwarded-Scheme', proto)
    headers.set('X-Scheme', proto)
  }
}

/** Sets a field that is missing or empty; gives the value that stands then. */
function fill(exchange: Exchange, name: string, key: string, value: string): string {
  const known = exchange.headers.get(key)
  if (known !== undefined && known !== '') return known
  if (known === undefined) exchange.headers.push(name, key, value)
  else exchange.headers.set(name, value)
  return value
}

/** Several lines are one list, which whoever looks later finds in one place. */
function joinForwardedFor(exchange: Exchange): void {
  const { keys } = exchange.headers
  const first = keys.indexOf('x-forwarded-for')
  if (first < 0 || keys.indexOf('x-forwarded-for', first + 1) < 0) return
  exchange.headers.set('X-Forwarded-For', exchange.headers.getAll('x-forwarded-for').join(', '))
}

function protocolOf(exchange: Exchange): string {
  const { scheme, upgrade } = exchange
  if (upgrade === '' || !isWebSocket(upgrade)) return scheme
  return scheme === 'https' ? 'wss' : 'ws'
}

function isWebSocket(upgrade: string): boolean {
  return upgrade === 'websocket' || upgrade.split(',').some((token) => token.trim() === 'websocket')
}

function refuse(exchange: Exchange, reason: 'bad_path' | 'bad_request'): false {
  respondPlainError(exchange, 400, 'Bad Request', reason)
  return false
}

/**
 * What refuses paths with escapes that the entry point's `encodedCharacters` forbids; null when it forbids none. It is asked once a router has
 * matched.
 */
export function encodedCharactersRefusal(plan: EntryPointPlan): ((exchange: Exchange) => boolean) | null {
  const options = plan.config.http.encodedCharacters
  return options === undefined ? null : refusalOfEncoded(options)
}
