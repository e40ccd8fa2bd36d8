/**
 * What would become of a request: which routers could have it and why one of them does, what stands on its way, and where it would go. The request is parsed,
 * brought into shape, matched and balanced by the code that serves requests; nothing is sent, and what is on the way is tried only where trying it changes
 * nothing. A round robin moves on by one turn.
 */
import type {
  ExplainedAnswer,
  ExplainedCandidate,
  ExplainedEntryPoint,
  ExplainedMiddleware,
  ExplainedRouting,
  Explanation,
  ExplainRequest,
} from '../../generation/explanation.ts'
import type { EntryPointPlan, GlobalPlan } from '../../generation/plan.ts'
import { firstFailure } from '../../rules/matcher.ts'
import type { RouteEntry } from '../../rules/route-table.ts'
import type { ConnectionFacts, Exchange, Handler, Middleware, ResponseSink } from '../http/exchange.ts'
import { http1Event } from '../http1/message-parser.ts'
import { newExchange } from '../http1/new-exchange.ts'
import { RequestParser } from '../http1/request-parser.ts'
import { http1Options } from '../listen/http1-options.ts'
import type { Plans, Serving } from './build.ts'
import { explainService, type ServiceLook } from './explain-service.ts'
import { explainTls, tcpRouterFor } from './explain-tls.ts'

/** Candidates of other hosts are listed up to this many in all; beyond, only those whose host fits. */
const candidatesMax = 50

/** The newest generation, as it can be looked at. */
export interface Inspection extends ServiceLook {
  readonly plans: Plans
  /** Routers of an entry point in the order in which they are tried; with TLS, or without. */
  routers(entryPoint: string, secure: boolean): readonly RouteEntry[]
  /** Routers below a router, in that order. */
  routersBelow(router: string): readonly RouteEntry[]
  middleware(name: string): Middleware | undefined
}

/** What explaining leans on. */
export interface ExplainContext {
  /** The pipeline of an entry point, without counting and logging. */
  pipeline(plan: EntryPointPlan, global: GlobalPlan, route: Handler): Handler
  /** Whether a kind of middleware can be tried. */
  isPure(kind: string): boolean
  readonly nowMs: () => number
}

/** Explains a request to every entry point that it may arrive at. */
export async function explain(
  request: ExplainRequest,
  serving: Serving,
  inspection: Inspection,
  context: ExplainContext,
): Promise<Explanation> {
  if (!URL.canParse(request.url)) return { problem: `${request.url} is not an absolute URL`, entryPoints: [] }
  const url = new URL(request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { problem: `${request.url}: only http and https URLs are routed`, entryPoints: [] }
  const plans = entryPointsFor(request, url, serving)
  if (plans.length === 0) return { problem: noEntryPoint(request, serving), entryPoints: [] }
  const entryPoints: ExplainedEntryPoint[] = []
  for (const plan of plans) {
    const explained = await new EntryPointExplainer(request, url, plan, { serving, inspection, context }).explain()
    if (typeof explained === 'string') return { problem: explained, entryPoints: [] }
    entryPoints.push(explained)
  }
  return { problem: null, entryPoints }
}

function entryPointsFor(request: ExplainRequest, url: URL, serving: Serving): EntryPointPlan[] {
  const all = [...serving.entryPoints.values()].map(({ plan }) => plan).filter((plan) => plan.protocol === 'tcp')
  if (request.entryPoint !== '') return all.filter((plan) => plan.name === request.entryPoint)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const listening = all.filter((plan) => plan.port === port)
  return listening.length > 0 ? listening : all
}

function noEntryPoint({ entryPoint }: ExplainRequest, serving: Serving): string {
  const names = [...serving.entryPoints.keys()].join(', ')
  return entryPoint === '' ? 'there is no entry point for HTTP' : `there is no entry point ${entryPoint} for HTTP (there are: ${names})`
}

interface Surroundings {
  readonly serving: Serving
  readonly inspection: Inspection
  readonly context: ExplainContext
}

class EntryPointExplainer {
  readonly #request: ExplainRequest
  readonly #url: URL
  readonly #plan: EntryPointPlan
  readonly #around: Surroundings
  readonly #isSecure: boolean
  readonly #note = new AnswerNote()

  constructor(request: ExplainRequest, url: URL, plan: EntryPointPlan, around: Surroundings) {
    this.#request = request
    this.#url = url
    this.#plan = plan
    this.#around = around
    this.#isSecure = url.protocol === 'https:'
  }

  /** The explanation, or what makes the request none. */
  async explain(): Promise<ExplainedEntryPoint | string> {
    const plan = this.#plan
    const { serving, context } = this.#around
    const secured = this.#isSecure ? explainTls(this.#url.hostname, plan.name, serving, context.nowMs()) : null
    const tcpRouter = tcpRouterFor(plan.name, this.#isSecure ? this.#url.hostname : null, this.#request.client, serving)
    const exchange = this.#parse(secured?.policy ?? '')
    if (typeof exchange === 'string') return exchange
    const shown = { name: plan.name, address: `${plan.host}:${plan.port}`, tls: secured?.shown ?? null, tcpRouter }
    const global = serving.global
    if (global === null || tcpRouter !== null || (secured !== null && secured.shown.refusal !== null))
      return { ...shown, refusal: null, routing: null }
    let routing: ExplainedRouting | null = null
    const route: Handler = async (routed) => {
      routing = await this.#route(routed, this.#around.inspection.routers(plan.name, this.#isSecure))
    }
    await context.pipeline(plan, global, route)(exchange)
    return { ...shown, refusal: routing === null ? this.#note.answer : null, routing }
  }

  /** The exchange that the request makes on the wire of HTTP/1.1, or why there is none. */
  #parse(policy: string): Exchange | string {
    const { method, headers, client } = this.#request
    const url = this.#url
    const hasHost = headers.some(([name]) => name.toLowerCase() === 'host')
    const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    // As written, not as URL parsers mend it: what is wrong with a path is to be told.
    const target = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(this.#request.url)?.[1] ?? ''
    const path = target.startsWith('/') ? target : `/${target}`
    const parser = new RequestParser(http1Options(this.#plan).limits)
    parser.push(Buffer.from(`${method} ${path} HTTP/1.1\r\n${hasHost ? '' : `Host: ${url.host}\r\n`}${fields}\r\n`, 'latin1'))
    if (parser.next() !== http1Event.head) return `the request is refused as malformed: ${parser.failure?.reason ?? 'it is not complete'}`
    const serverName = url.hostname
    const tls = { version: '1.3', cipher: '', serverName, clientSubject: '', policy, clientCertificate: null }
    const facts: ConnectionFacts = {
      remoteIp: client,
      remotePort: 0,
      localIp: this.#plan.host === '' ? '127.0.0.1' : this.#plan.host,
      localPort: this.#plan.port,
      tls: this.#isSecure ? tls : null,
    }
    return newExchange(parser, facts, this.#plan.name, this.#note)
  }

  /** Looks for the router, and goes on behind it. */
  async #route(exchange: Exchange, entries: readonly RouteEntry[]): Promise<ExplainedRouting> {
    const { inspection } = this.#around
    const candidates = entries.map((entry) => this.#candidate(entry, exchange))
    const winner = entries.find((_, index) => candidates[index]?.failed === null)
    const plan = winner === undefined ? undefined : inspection.plans.router.get(winner.name)
    const chosen = {
      request: { host: exchange.host, path: exchange.path, query: exchange.rawQuery },
      ...shorten(candidates),
      router: winner?.name ?? null,
      why: whyOf(candidates, winner),
    }
    const ended = { ...chosen, chain: [], answer: null, below: null, service: null, forwarded: null }
    if (plan === undefined) return { ...ended, answer: { status: 404, reason: 'no_router', location: '' } }
    if (plan.disabled !== null) return { ...ended, answer: { status: 404, reason: 'router_disabled', location: '' } }
    if (plan.tls && exchange.connection.tls?.policy !== inspection.plans.tlsOptions.get(plan.tlsOptions)?.policy)
      return { ...ended, answer: { status: 421, reason: 'misdirected', location: '' } }
    const chain = await this.#pass(exchange, plan.middlewares)
    const answered = this.#note.answer
    if (answered !== null) return { ...ended, chain, answer: answered }
    const below = plan.children.length === 0 ? null : await this.#route(exchange, inspection.routersBelow(plan.name))
    const service = below === null ? explainService(plan.service, exchange, inspection) : null
    const forwarded =
      service === null ? null : { host: exchange.hostRaw, target: exchange.path + (exchange.hasQuery ? `?${exchange.rawQuery}` : '') }
    return { ...chosen, chain, answer: null, below, service, forwarded }
  }

  #candidate({ name, rule, priority }: RouteEntry, exchange: Exchange): ExplainedCandidate {
    const plan = this.#around.inspection.plans.router.get(name)
    const failed = rule === null ? 'the rule cannot be read' : firstFailure(rule, exchange)
    return { router: name, rule: plan?.rule ?? '', priority: String(priority), failed, disabled: plan?.disabled ?? null }
  }

  /** Takes the request through the middlewares that can be tried, up to one that answers. */
  async #pass(exchange: Exchange, names: readonly string[]): Promise<ExplainedMiddleware[]> {
    const { inspection, context } = this.#around
    const chain: ExplainedMiddleware[] = []
    for (const name of names) {
      const kind = inspection.plans.middleware.get(name)?.kind ?? ''
      const middleware = context.isPure(kind) ? inspection.middleware(name) : undefined
      if (middleware === undefined || this.#note.answer !== null) {
        chain.push({ name, kind, outcome: 'notTried' })
        continue
      }
      await middleware(() => {})(exchange)
      chain.push({ name, kind, outcome: this.#note.answer === null ? 'passed' : 'answered' })
    }
    return chain
  }
}

/** Leaves rules of other hosts out when there are very many. */
function shorten(candidates: readonly ExplainedCandidate[]): { candidates: ExplainedCandidate[]; others: number } {
  if (candidates.length <= candidatesMax) return { candidates: [...candidates], others: 0 }
  const kept = candidates.filter(({ failed }) => failed === null || !/^!?Host/.test(failed)).slice(0, candidatesMax)
  return { candidates: kept, others: candidates.length - kept.length }
}

function whyOf(candidates: readonly ExplainedCandidate[], winner: RouteEntry | undefined): string {
  if (winner === undefined) return candidates.length === 0 ? 'the entry point has no such routers' : 'no rule matches'
  const matching = candidates.filter(({ failed }) => failed === null)
  if (matching.length === 1) return 'it is the only one whose rule matches'
  const second = matching[1]
  const priority = String(winner.priority)
  if (second === undefined || second.priority !== priority)
    return `of ${matching.length} that match it has the highest priority, ${priority}`
  return `of ${matching.length} that match with priority ${priority} its provider comes first, or its name does`
}

/** Notes an answer in the place of a client. */
class AnswerNote implements ResponseSink {
  answer: ExplainedAnswer | null = null

  informational(): void {}

  head(exchange: Exchange): void {
    const { status, reason, responseHeaders } = exchange
    this.answer = { status, reason: reason ?? '', location: responseHeaders.get('location') ?? '' }
  }

  write(): boolean {
    return true
  }

  writeText(): void {}

  end(): void {}

  abort(): void {}

  upgrade(): void {}
}
