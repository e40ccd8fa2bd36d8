/** What the API can do to middlewares: `PUT …/{name}/maintenance` turns `maintenance` on and off, `POST …/{name}/purge` empties `cache`. */
import { isSwitchedOn, turnSwitch } from '../board/maintenance-switch.ts'
import { purgeDigest, type PurgeKind, PurgeRing, purgeRingCells } from '../board/purge-ring.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { MiddlewarePlan } from '../generation/plan.ts'
import { textToBytes } from '../std/utf8.ts'
import { refusal } from './caller.ts'
import { json, jsonError, methodNotAllowed } from './responses.ts'

/** Most URLs and tags of one purge. */
const purgesMax = 500

/** The answer to a request for an action on a middleware; null when it has no such action. `nowMs` is wall time. */
export function middlewareAction(
  request: ControlRequest,
  action: string,
  target: { readonly name: string; readonly plan: MiddlewarePlan | null; readonly nowMs: number },
): ControlResponse | null {
  const { name, plan, nowMs } = target
  const kind = kindOf(action)
  if (kind === null) return null
  const memory = plan?.kind === kind ? plan.shared : null
  if (plan === null || memory === null) return jsonError(404, `${kind} middleware not found: ${name}`)
  if (request.method !== (kind === 'cache' ? 'POST' : 'PUT')) return methodNotAllowed()
  const refused = refusal(request, `a change of ${name}`)
  if (refused !== null) return jsonError(403, refused)
  const asked = bodyOf(request)
  if (asked === null) return jsonError(400, 'the body is no JSON object')
  return kind === 'cache' ? purge(asked, memory, nowMs) : turn(asked, memory, plan)
}

function kindOf(action: string): 'cache' | 'maintenance' | null {
  if (action === 'purge') return 'cache'
  return action === 'maintenance' ? 'maintenance' : null
}

type Asked = Readonly<Record<string, unknown>>

function turn(asked: Asked, memory: SharedArrayBuffer, plan: MiddlewarePlan): ControlResponse {
  const { enabled } = asked
  if (typeof enabled !== 'boolean' && enabled !== null) return jsonError(400, 'enabled: true, false or null (as configured) is wanted')
  const cell = new Int32Array(memory)
  turnSwitch(cell, enabled)
  return json({ enabled: isSwitchedOn(cell, isConfiguredOn(plan.options)) })
}

function isConfiguredOn(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'enabled' in options && options.enabled === true
}

function purge(asked: Asked, memory: SharedArrayBuffer, nowMs: number): ControlResponse {
  const urls = textsOf(asked['urls'])
  const tags = textsOf(asked['tags'])
  const isAll = asked['all'] === true
  if (urls === null || tags === null) return jsonError(400, 'urls and tags: lists of texts are wanted')
  if (urls.length + tags.length > purgesMax) return jsonError(400, `at most ${purgesMax} URLs and tags can be purged at once`)
  if (!isAll && urls.length + tags.length === 0) return jsonError(400, 'one of urls, tags and all is wanted')
  const keys: string[] = []
  for (const url of urls) {
    const key = urlKey(url)
    if (key === null) return jsonError(400, `urls: ${JSON.stringify(url)} is no absolute URL`)
    keys.push(key)
  }
  const ring = new PurgeRing(new Int32Array(memory, 0, purgeRingCells))
  const write = (kind: PurgeKind, text: string): void => ring.write({ kind, digest: purgeDigest(kind, text), atMs: nowMs })
  if (isAll) write('all', '')
  for (const key of keys) write('url', key)
  for (const tag of tags) write('tag', textToBytes(tag))
  return json({ urls: urls.length, tags: tags.length, all: isAll })
}

/** A URL as answers are stored by it: host, path and query, without scheme, port and fragment. */
function urlKey(text: string): string | null {
  const url = URL.parse(text.startsWith('//') ? `http:${text}` : text)
  if (url === null || url.hostname === '' || !url.protocol.startsWith('http')) return null
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  return `${host}${plainEscapes(url.pathname)}${url.search}`
}

/** Escapes in the form that requests get at the entry point: upper case, and none where none is needed (RFC 3986 §6.2.2). */
function plainEscapes(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const sign = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[\w.~-]/.test(sign) ? sign : escape.toUpperCase()
  })
}

function textsOf(value: unknown): string[] | null {
  if (value === undefined) return []
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '') ? value : null
}

function bodyOf(request: ControlRequest): Asked | null {
  try {
    const body: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'))
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : null
  } catch {
    return null
  }
}
