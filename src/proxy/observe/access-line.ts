/** The lines of access logs in Traefik's three formats. */
import type { AccessLogPlan } from '../../generation/plan.ts'
import { formatClfTime, formatRfc3339 } from '../../std/time-text.ts'
import type { Exchange } from '../http/exchange.ts'
import { reasonStatus } from '../http/reasons.ts'
import type { HeaderFields } from './header-fields.ts'
import { commonBytes, commonText, jsonBytes, jsonText } from './log-text.ts'

/** What is remembered of a request before anything rewrites it. */
export interface RequestFacts {
  readonly method: string
  readonly path: string
  /** '' or with its question mark. */
  readonly query: string
  readonly host: string
  /** '' when there is none. */
  readonly forwardedFor: string
  /** JSON of the kept request fields, each followed by a comma. */
  readonly headersJson: string
  readonly referer: string | null
  readonly userAgent: string | null
}

/** Everything about one finished exchange that a line may show; one object, filled anew for each line. */
export interface LineFacts {
  exchange: Exchange
  request: RequestFacts
  /** Milliseconds since 1970. */
  startMs: number
  endMs: number
  /** Minutes east of UTC. */
  offsetMinutes: number
  durationMs: number
  requestCount: number
}

/** Makes the text of a line, line feed included. */
export type LineFormat = (facts: LineFacts) => string

/** The names of all fields that a line can have, in the order of JSON lines, with the text of their value: '' leaves the field out. */
const fields: readonly (readonly [string, (facts: LineFacts) => string])[] = [
  ['ClientAddr', ({ exchange }) => jsonBytes(addressText(exchange.connection.remoteIp, exchange.connection.remotePort))],
  ['ClientHost', (facts) => jsonBytes(clientHost(facts))],
  ['ClientPort', ({ exchange }) => `"${exchange.connection.remotePort}"`],
  ['ClientUsername', ({ exchange }) => jsonBytes(exchange.username ?? '-')],
  ['DownstreamContentSize', ({ exchange }) => String(exchange.responseBytes)],
  ['DownstreamStatus', ({ exchange }) => String(statusOf(exchange))],
  ['Duration', ({ durationMs }) => nanoseconds(durationMs)],
  ['GzipRatio', ({ exchange }) => ratio(exchange)],
  ['OriginContentSize', ({ exchange }) => String(exchange.originBytes)],
  ['OriginDuration', ({ exchange }) => nanoseconds(exchange.originDurationMs)],
  ['OriginStatus', ({ exchange }) => String(exchange.originStatus)],
  ['Overhead', ({ exchange, durationMs }) => nanoseconds(durationMs - exchange.originDurationMs)],
  ['RequestAddr', ({ request }) => jsonBytes(request.host)],
  ['RequestContentSize', ({ exchange }) => String(exchange.requestBytes)],
  ['RequestCount', ({ requestCount }) => String(requestCount)],
  ['RequestHost', ({ request }) => jsonBytes(splitHost(request.host)[0])],
  ['RequestMethod', ({ request }) => jsonBytes(request.method)],
  ['RequestPath', ({ request }) => jsonBytes(request.path + request.query)],
  ['RequestPort', ({ request }) => jsonBytes(splitHost(request.host)[1])],
  ['RequestProtocol', ({ exchange }) => jsonBytes(exchange.protocol)],
  ['RequestScheme', ({ exchange }) => (exchange.connection.tls === null ? '"http"' : '"https"')],
  ['RetryAttempts', ({ exchange }) => String(exchange.retryAttempts)],
  ['RouterName', ({ exchange }) => (exchange.routerName === '' ? '' : jsonText(exchange.routerName))],
  ['ServiceAddr', ({ exchange }) => (exchange.serverUrl === '' ? '' : jsonText(exchange.serverAddress))],
  ['ServiceName', ({ exchange }) => (exchange.serverUrl === '' ? '' : jsonText(exchange.serviceName))],
  ['ServiceURL', ({ exchange }) => (exchange.serverUrl === '' ? '' : jsonText(exchange.serverUrl))],
  ['StartLocal', ({ startMs, offsetMinutes }) => `"${timeText(startMs, offsetMinutes)}"`],
  ['StartUTC', ({ startMs }) => `"${timeText(startMs, 0)}"`],
  ['TLSCipher', ({ exchange }) => tlsText(exchange.connection.tls?.cipher)],
  ['TLSClientSubject', ({ exchange }) => tlsText(exchange.connection.tls?.clientSubject)],
  ['TLSVersion', ({ exchange }) => tlsText(exchange.connection.tls?.version)],
  ['entryPointName', ({ exchange }) => jsonText(exchange.entryPoint)],
  ['reason', ({ exchange }) => (exchange.reason === null ? '' : `"${exchange.reason}"`)],
]

/** Whether the field of this name is shown. Names are compared without case. */
function keeps(plan: AccessLogPlan, name: string): boolean {
  const lower = name.toLowerCase()
  for (const [named, mode] of Object.entries(plan.names)) {
    if (named.toLowerCase() === lower && (mode === 'keep' || mode === 'drop')) return mode === 'keep'
  }
  return plan.defaultMode !== 'drop'
}

/** Makes the format that a plan asks for. */
export function lineFormat(plan: AccessLogPlan, headers: HeaderFields): LineFormat {
  if (plan.format === 'json') return jsonFormat(plan, headers)
  return commonFormat(plan, plan.format === 'genericCLF')
}

/** One object a line, its keys sorted as bytes. */
function jsonFormat(plan: AccessLogPlan, headers: HeaderFields): LineFormat {
  const kept = fields.filter(([name]) => keeps(plan, name)).map(([name, value]) => ({ key: `"${name}":`, value }))
  const before = kept.filter(({ key }) => key < '"e')
  const entryPoint = kept.find(({ key }) => key === '"entryPointName":')
  const reason = kept.find(({ key }) => key === '"reason":')
  return (facts) => {
    let text = '{'
    for (const field of before) {
      const value = field.value(facts)
      if (value !== '') text += `${field.key}${value},`
    }
    text += headers.json(facts.exchange.responseHeaders, 'downstream_')
    if (entryPoint !== undefined) text += `${entryPoint.key}${entryPoint.value(facts)},`
    text += '"level":"info","msg":"",'
    const origin = facts.exchange.originHeaders
    if (origin !== null) text += headers.json(origin, 'origin_')
    const why = reason?.value(facts) ?? ''
    if (why !== '') text += `"reason":${why},`
    return `${text}${facts.request.headersJson}"time":"${rfcSecond(Math.floor(facts.endMs / 1000), facts.offsetMinutes)}"}\n`
  }
}

/** The common log format with Traefik's additions, or without them. */
function commonFormat(plan: AccessLogPlan, generic: boolean): LineFormat {
  const show = Object.fromEntries(fields.map(([name]) => [name, keeps(plan, name)]))
  const host = show['ClientHost'] === true
  const user = show['ClientUsername'] === true
  const start = show['StartUTC'] === true || show['StartLocal'] === true
  const method = show['RequestMethod'] === true
  const path = show['RequestPath'] === true
  const protocol = show['RequestProtocol'] === true
  const status = show['DownstreamStatus'] === true
  const size = show['DownstreamContentSize'] === true
  const count = show['RequestCount'] === true
  const router = show['RouterName'] === true
  const url = show['ServiceURL'] === true
  const duration = show['Duration'] === true
  return (facts) => {
    const { exchange, request } = facts
    const line =
      `${host ? orDash(commonBytes(clientHost(facts))) : '-'} - ${user ? orDash(commonBytes(exchange.username ?? '')) : '-'}` +
      ` [${start ? clfTime(facts.startMs) : '-'}]` +
      ` "${method ? commonBytes(request.method) : '-'} ${path ? orDash(commonBytes(request.path + request.query)) : '-'}` +
      ` ${protocol ? commonBytes(exchange.protocol) : '-'}"` +
      ` ${status ? statusOf(exchange) : '-'} ${size ? exchange.responseBytes : '-'}` +
      ` ${quoted(commonBytes(request.referer ?? ''))} ${quoted(commonBytes(request.userAgent ?? ''))}`
    if (generic) return `${line}\n`
    const routerText = router ? commonText(exchange.routerName) : ''
    const urlText = url ? commonText(exchange.serverUrl) : ''
    const ms = duration ? Math.floor(facts.durationMs) : 0
    return `${line} ${count ? facts.requestCount : '-'} ${quoted(routerText)} ${quoted(urlText)} ${ms}ms\n`
  }
}

/** The status that the client got, or would have got had it waited. */
export function statusOf(exchange: Exchange): number {
  if (exchange.status !== 0 || exchange.reason === null) return exchange.status
  return reasonStatus[exchange.reason]
}

function clientHost(facts: LineFacts): string {
  return facts.request.forwardedFor === '' ? facts.exchange.connection.remoteIp : facts.request.forwardedFor
}

function orDash(text: string): string {
  return text === '' ? '-' : text
}

function quoted(text: string): string {
  return text === '' ? '"-"' : `"${text}"`
}

function nanoseconds(ms: number): string {
  return String(Math.round(ms * 1e6))
}

/** Bytes of the server's answer per byte that the client got, when a middleware changed the size. */
function ratio(exchange: Exchange): string {
  const { originStatus, originBytes, responseBytes } = exchange
  return originStatus === 0 || originBytes === responseBytes || responseBytes === 0 ? '' : String(originBytes / responseBytes)
}

function tlsText(text: string | undefined): string {
  return text === undefined || text === '' ? '' : jsonBytes(text)
}

/** RFC 3339 to the nanosecond, trailing zeros left out. */
function timeText(timeMs: number, offsetMinutes: number): string {
  const second = Math.floor(timeMs / 1000)
  const ns = Math.min(999_999_999, Math.round((timeMs - second * 1000) * 1e6))
  const text = rfcSecond(second, offsetMinutes)
  if (ns === 0) return text
  let digits = String(ns + 1_000_000_000).slice(1)
  let length = 9
  while (digits.charCodeAt(length - 1) === 0x30) length -= 1
  digits = digits.slice(0, length)
  return `${text.slice(0, 19)}.${digits}${text.slice(19)}`
}

interface SecondText {
  second: number
  offsetMinutes: number
  text: string
}

const utcSecond: SecondText = { second: -1, offsetMinutes: 0, text: '' }
const localSecond: SecondText = { second: -1, offsetMinutes: 0, text: '' }

/** RFC 3339 of a second; lines of one second share the text. */
function rfcSecond(second: number, offsetMinutes: number): string {
  const cached = offsetMinutes === 0 ? utcSecond : localSecond
  if (cached.second !== second || cached.offsetMinutes !== offsetMinutes) {
    cached.second = second
    cached.offsetMinutes = offsetMinutes
    cached.text = formatRfc3339(second * 1000, offsetMinutes)
  }
  return cached.text
}

function addressText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** Host and port of a Host field; the port is '-' when there is none. */
function splitHost(host: string): readonly [string, string] {
  const colon = host.lastIndexOf(':')
  if (colon < 0) return [host, '-']
  if (host.startsWith('[')) return host[colon - 1] === ']' ? [host.slice(1, colon - 1), host.slice(colon + 1)] : [host, '-']
  return host.indexOf(':') === colon ? [host.slice(0, colon), host.slice(colon + 1)] : [host, '-']
}

let clfSecond = -1
let clfText = ''

/** Lines of one second share the text of their time. */
function clfTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000)
  if (second !== clfSecond) {
    clfSecond = second
    clfText = formatClfTime(timeMs)
  }
  return clfText
}
