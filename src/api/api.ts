/**
 * The API: what the control plane knows, as Traefik's API shows it. Requests reach it as messages from the workers, through the routers that lead to
 * `api@internal` and `rest@internal`; the same middlewares guard it as anything else. Beyond Traefik: `POST /api/reload`, `GET
 * /api/changes?after=MARK` that answers when something has changed, `unbuilt` in the overview, and `errorDetails` of every object when the query
 * says `errorDetails=true`. Secrets are masked.
 */
import type { InstallConfiguration } from '../config/install/install.ts'
import type { ExplainRequest, Explanation } from '../generation/explanation.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { RuntimeState } from '../runtime/state.ts'
import { foreignPage, refusal } from './caller.ts'
import { listCertificates, showCertificate } from './certificates.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { DebugPages } from './debug.ts'
import { readExplainBody } from './explain-body.ts'
import { filterObjects, pageOf, sortObjects } from './lists.ts'
import { middlewareAction } from './middleware-actions.ts'
import { type Kind, type Protocol, type Section, sectionOf, type Shown, showEntryPoint } from './objects.ts'
import { overviewOf } from './overview.ts'
import { json, jsonError, methodNotAllowed, notFound, textError } from './responses.ts'
import { supportDump } from './support-dump.ts'

/** What the API leans on. */
export interface ApiContext {
  /** State of the generation in force; null before the first. */
  readonly state: () => RuntimeState | null
  readonly version: string
  readonly startDate: Date
  /** Reads the install configuration anew; resolves with what is wrong with it. */
  readonly reload: () => Promise<readonly string[]>
  /** Puts the text of a routing configuration into force; returns what is wrong with it, or null. */
  readonly putRest: (text: string) => string | null
  readonly explain: (request: ExplainRequest) => Promise<Explanation>
  readonly changes: ChangeFeed
  readonly debug: DebugPages
  /** Wall time in milliseconds. */
  readonly now: () => number
  /** The live numbers of the last minutes. */
  readonly stats?: () => unknown
}

/** Content type of the answers that Traefik renders in another way than the others. */
const renderedJson = 'application/json; charset=UTF-8'

/** Makes the handler of requests to `api@internal` and `rest@internal`. */
export function createApi(context: ApiContext): (request: ControlRequest) => Promise<ControlResponse> {
  return async (request) => {
    if (request.target === 'rest') return putRest(request, context)
    const state = context.state()
    if (state === null) return textError(503, 'no configuration is in force yet')
    const base = basePathOf(state.install)
    if (state.install.api?.debug === true && request.path.startsWith(`${base}/debug/`)) {
      const debug = context.debug.find(request.path.slice(base.length + '/debug/'.length), request)
      if (debug === null) return notFound()
      return request.method === 'GET' ? debug() : methodNotAllowed()
    }
    if (!request.path.startsWith(`${base}/api/`)) return notFound()
    const segments = request.path.slice(base.length + '/api/'.length).split('/')
    if (segments[0] === 'reload' && segments.length === 1) return reload(request, context)
    if (segments[0] === 'explain' && segments.length === 1) return explain(request, context)
    const acted = act(segments, request, state)
    if (acted !== null) return acted
    const answer = find(segments, { state, context, query: queryOf(request) })
    if (answer === null) return notFound()
    return request.method === 'GET' ? answer() : methodNotAllowed()
  }
}

/** The answer to `http/middlewares/{name}/{action}`; null for any other path. */
function act(segments: readonly string[], request: ControlRequest, state: RuntimeState): ControlResponse | null {
  const [protocol, kind, segment, action] = segments
  if (protocol !== 'http' || kind !== 'middlewares' || action === undefined || segments.length !== 4) return null
  const name = unescape(segment ?? '') ?? ''
  return middlewareAction(request, action, name, state.middlewares.get(name)?.plan ?? null)
}

/** `api.basePath` without a slash at its end. */
export function basePathOf(install: InstallConfiguration): string {
  return (install.api?.basePath ?? '/').replace(/\/+$/, '')
}

interface Asked {
  readonly state: RuntimeState
  readonly context: ApiContext
  readonly query: URLSearchParams
}

type Answer = () => ControlResponse | Promise<ControlResponse>

/** What is found at a path below `/api/`; null when there is nothing. */
function find(segments: readonly string[], asked: Asked): Answer | null {
  const [first, second, third] = segments
  if (segments.some((segment) => segment === '')) return null
  if (segments.length === 1) return findSingle(first ?? '', asked)
  if (first === 'entrypoints' && second !== undefined && segments.length === 2) return () => entryPointDetails(second, asked)
  if (first === 'certificates' && second !== undefined && segments.length === 2) return () => certificateDetails(second, asked)
  if (!isProtocol(first) || !isKind(second) || segments.length > 3) return null
  const section = sectionOf(asked.state, first, second, asked.query.get('errorDetails') === 'true')
  if (section === null) return null
  return third === undefined ? () => list(section, second, asked.query) : () => details(section, second, third)
}

function findSingle(name: string, { state, context, query }: Asked): Answer | null {
  switch (name) {
    case 'version':
      return () => json(versionOf(state, context), renderedJson)
    case 'stats': {
      const { stats } = context
      return stats === undefined ? null : () => json(stats())
    }
    case 'overview':
      return () => json(overviewOf(state))
    case 'rawdata':
      return () => json(rawData(state, query.get('errorDetails') === 'true'))
    case 'certificates':
      return () => paged(listCertificates(state, query), query, showCertificate)
    case 'entrypoints':
      return () => entryPoints(state, query)
    case 'support-dump':
      return () => supportDump(state, { ...context, codename, nowMs: context.now(), rawData: rawData(state, true) })
    case 'changes':
      return () => changes(query, context)
    default:
      return null
  }
}

const codename = 'tidegate'

function versionOf(state: RuntimeState, context: ApiContext): Shown {
  const { api } = state.install
  return {
    Version: context.version,
    Codename: codename,
    startDate: context.startDate.toISOString(),
    ...(api?.disableDashboardAd === true ? { disableDashboardAd: true } : {}),
    ...(api === undefined || api.dashboardName === '' ? {} : { dashboardName: api.dashboardName }),
  }
}

function entryPoints(state: RuntimeState, query: URLSearchParams): ControlResponse {
  const all = Object.entries(state.install.entryPoints).sort(([a], [b]) => (a < b ? -1 : 1))
  return paged(all, query, ([name, config]) => showEntryPoint(name, config))
}

function entryPointDetails(segment: string, { state }: Asked): ControlResponse {
  const name = unescape(segment)
  if (name === null) return jsonError(400, `unable to decode entry point name ${JSON.stringify(segment)}`)
  const config = Object.hasOwn(state.install.entryPoints, name) ? state.install.entryPoints[name] : undefined
  return config === undefined ? jsonError(404, `entry point not found: ${name}`) : json(showEntryPoint(name, config))
}

function certificateDetails(segment: string, { state }: Asked): ControlResponse {
  const info = state.certificates.get(segment.toLowerCase())
  return info === undefined ? jsonError(404, `certificate not found: ${segment}`) : json(showCertificate(info))
}

function list(section: Section, kind: Kind, query: URLSearchParams): ControlResponse {
  const found = sortObjects(filterObjects(section.objects.values(), kind, query), kind, query)
  return paged(found, query, (info) => ({ ...section.show(info), ...section.identify(info) }))
}

function paged<T>(all: readonly T[], query: URLSearchParams, show: (item: T) => Shown): ControlResponse {
  const page = pageOf(all, query)
  if ('problem' in page) return jsonError(400, page.problem)
  return json(page.items.map(show), 'application/json', [['X-Next-Page', String(page.next)]])
}

const singular: Readonly<Record<Kind, string>> = { routers: 'router', services: 'service', middlewares: 'middleware' }

function details(section: Section, kind: Kind, segment: string): ControlResponse {
  const name = unescape(segment)
  if (name === null) return jsonError(400, `unable to decode ${singular[kind]}ID ${JSON.stringify(segment)}`)
  const info = section.objects.get(name)
  return info === undefined
    ? jsonError(404, `${singular[kind]} not found: ${name}`)
    : json({ ...section.show(info), ...section.identify(info) })
}

const rawSections: readonly (readonly [string, Protocol, Kind])[] = [
  ['routers', 'http', 'routers'],
  ['middlewares', 'http', 'middlewares'],
  ['services', 'http', 'services'],
  ['tcpRouters', 'tcp', 'routers'],
  ['tcpMiddlewares', 'tcp', 'middlewares'],
  ['tcpServices', 'tcp', 'services'],
  ['udpRouters', 'udp', 'routers'],
  ['udpServices', 'udp', 'services'],
]

function rawData(state: RuntimeState, withDetails: boolean): Shown {
  const data: Record<string, Shown> = {}
  for (const [key, protocol, kind] of rawSections) {
    const section = sectionOf(state, protocol, kind, withDetails)
    if (section === null || section.objects.size === 0) continue
    // Names come from configuration, so that "__proto__" is one like any other.
    const shown: Record<string, Shown> = Object.create(null)
    for (const [name, info] of section.objects) shown[name] = section.show(info)
    data[key] = shown
  }
  return data
}

/** Waits for a change behind the mark that the asker knows; without one answers at once. */
async function changes(query: URLSearchParams, { changes: feed }: ApiContext): Promise<ControlResponse> {
  return json({ mark: await feed.next(query.get('after') ?? '') }, 'application/json', [['Cache-Control', 'no-store']])
}

async function reload(request: ControlRequest, context: ApiContext): Promise<ControlResponse> {
  if (request.method !== 'POST') return methodNotAllowed()
  const refused = refusal(request, 'a reload')
  if (refused !== null) return jsonError(403, refused)
  const problems = await context.reload()
  return { ...json({ problems }), status: problems.length === 0 ? 200 : 422 }
}

/** `{"method", "url", "headers": {}, "client", "entryPoint"}`, of which only the URL must be given. */
async function explain(request: ControlRequest, context: ApiContext): Promise<ControlResponse> {
  if (request.method !== 'POST') return methodNotAllowed()
  const asked = readExplainBody(Buffer.from(request.body).toString('utf8'))
  return typeof asked === 'string' ? jsonError(400, asked) : json(await context.explain(asked))
}

function putRest(request: ControlRequest, context: ApiContext): ControlResponse {
  const provider = /^\/api\/providers\/([^/]+)$/.exec(request.path)?.[1]
  if (provider === undefined) return notFound()
  if (request.method !== 'PUT') return methodNotAllowed()
  if (provider !== 'rest') return textError(400, "only the provider 'rest' can be updated through the API")
  const foreign = foreignPage(request)
  if (foreign !== null) return textError(403, foreign)
  const text = Buffer.from(request.body).toString('utf8')
  const problem = context.putRest(text)
  return problem === null ? json(parseExact(text), renderedJson) : textError(400, problem)
}

/** Parses JSON that is known to be sound; integers beyond 2^53 stay exact. */
function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, source?: { source?: string }) =>
    typeof value === 'number' && source?.source !== undefined && /^-?\d{16,}$/.test(source.source) ? BigInt(source.source) : value,
  )
}

/** The query as UTF-8; requests carry bytes. */
function queryOf(request: ControlRequest): URLSearchParams {
  return new URLSearchParams(Buffer.from(request.query, 'latin1').toString('utf8'))
}

function unescape(segment: string): string | null {
  try {
    return decodeURIComponent(Buffer.from(segment, 'latin1').toString('utf8'))
  } catch {
    return null
  }
}

function isProtocol(text: string | undefined): text is Protocol {
  return text === 'http' || text === 'tcp' || text === 'udp'
}

function isKind(text: string | undefined): text is Kind {
  return text === 'routers' || text === 'services' || text === 'middlewares'
}
