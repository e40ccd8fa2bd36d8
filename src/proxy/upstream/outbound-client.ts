import type { TransportPlan } from '../../generation/plan.ts'
import { outboundTransport } from '../../generation/transport-defaults.ts'
import type { ResponseProducer } from '../http/body.ts'
import { type CollectedAnswer, Collector } from '../http/collected-answer.ts'
import { type ConnectionFacts, Exchange } from '../http/exchange.ts'
import type { Outbound, OutboundRequest } from '../http/outbound.ts'
import type { ForwardListener } from './forward-listener.ts'
import type { UpstreamTarget } from './target.ts'
import type { Upstreams } from './upstreams.ts'

/** Servers that are remembered. */
const targetsMax = 256

/** Facts of calls that no client waits for. */
const ownFacts: ConnectionFacts = { remoteIp: '127.0.0.1', remotePort: 0, localIp: '127.0.0.1', localPort: 0, tls: null }

const nobody: ForwardListener = { measuresLatency: false, onAnswer() {}, onSettled() {} }

/** Makes calls over the worker's own connections to servers. */
export class OutboundClient implements Outbound {
  readonly #upstreams: Upstreams
  readonly #targets = new Map<TransportPlan, Map<string, UpstreamTarget>>()

  constructor(upstreams: Upstreams) {
    this.#upstreams = upstreams
  }

  async call(request: OutboundRequest): Promise<CollectedAnswer> {
    const url = new URL(request.url)
    const target = this.#target(url.origin, request.transport ?? outboundTransport)
    const { waiting } = request
    const collector = new Collector(request.bytesMax)
    const exchange = new Exchange(waiting?.connection ?? ownFacts, '', request.headers, collector)
    exchange.method = request.method
    exchange.scheme = url.protocol.slice(0, -1)
    exchange.hostRaw = url.host
    exchange.host = url.hostname
    exchange.path = url.pathname
    exchange.rawQuery = url.search.slice(1)
    exchange.hasQuery = url.search !== ''
    exchange.body = request.body
    exchange.suppressForwardedFor = true
    exchange.startedMs = performance.now()
    const cancel = this.#upstreams.after(request.timeoutMs, () => collector.giveUp(exchange, 'upstream_timeout'))
    const producer: ResponseProducer = { onDrain() {}, onAbort: (reason) => collector.giveUp(exchange, reason) }
    if (waiting !== null) waiting.producer = producer
    try {
      return await collector.run(exchange, () => this.#upstreams.forward(exchange, target, nobody))
    } finally {
      cancel()
      if (waiting?.producer === producer) waiting.producer = null
    }
  }

  #target(origin: string, transport: TransportPlan): UpstreamTarget {
    let targets = this.#targets.get(transport)
    if (targets === undefined) {
      if (this.#targets.size >= targetsMax) this.#targets.clear()
      targets = new Map()
      this.#targets.set(transport, targets)
    }
    let target = targets.get(origin)
    if (target === undefined) {
      if (targets.size >= targetsMax) targets.clear()
      target = this.#upstreams.target(origin, { preservePath: false, passHostHeader: true, transport, passesProxyAuthorization: true })
      targets.set(origin, target)
    }
    return target
  }
}
