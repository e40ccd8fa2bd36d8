/**
 * Copies of requests for further services. The main service answers, and its answer is not held up: a copy is sent once the client has its answer, and what
 * comes back is dropped. Copies that are under way are bounded, so that slow mirrors cost no more than that.
 */
import type { MirroringPlan } from '../../generation/plan.ts'
import { readBodyAhead, type WholeBody } from '../http/body-buffer.ts'
import type { BodySource } from '../http/body.ts'
import { Collector } from '../http/collected-answer.ts'
import type { Exchange, Handler } from '../http/exchange.ts'
import { innerExchange } from '../http/inner-exchange.ts'
import type { Sequence } from './strategy.ts'

/** Copies under way at a time, for each mirroring service and worker; a request beyond is answered but not mirrored. */
const copiesMax = 1024
/** Bytes of an answer to a copy that are read, so that the connection can be used again. */
const droppedBytesMax = 64 * 1024

/** The handler of the service; `service` finds the handler of a child by its qualified name. */
export function buildMirroring(plan: MirroringPlan, sequence: Sequence, service: (name: string) => Handler): Handler {
  const main = service(plan.service)
  const mirrors = new Mirrors(plan, sequence, service)
  const { mirrorBody, bodyBytesMax } = plan
  const readThenServe = async (exchange: Exchange, source: BodySource, chosen: readonly Handler[]): Promise<void> => {
    const ahead = await readBodyAhead(exchange, source, { bytesMax: bodyBytesMax, status: 400 })
    if (ahead === null) return
    exchange.body = ahead.kind === 'whole' ? ahead.body.copy() : ahead.body
    // A body that is longer than it may be goes to the main service alone.
    if (ahead.kind === 'whole') mirrors.copyLater(exchange, chosen, ahead.body)
    await main(exchange)
  }
  return (exchange) => {
    const chosen = mirrors.choose(exchange)
    if (chosen.length === 0) return main(exchange)
    if (exchange.body === null || !mirrorBody) {
      mirrors.copyLater(exchange, chosen, null)
      return main(exchange)
    }
    // A length that is told beforehand is enough to know.
    if (bodyBytesMax >= 0 && exchange.body.length > bodyBytesMax) return main(exchange)
    return readThenServe(exchange, exchange.body, chosen)
  }
}

/** The mirrors of a service. */
class Mirrors {
  readonly #mirrors: readonly { readonly percent: number; readonly handler: Handler }[]
  readonly #sequence: Sequence
  readonly #mirrorBody: boolean
  #underWay = 0

  constructor(plan: MirroringPlan, sequence: Sequence, service: (name: string) => Handler) {
    this.#mirrors = plan.mirrors.map((mirror) => ({ percent: mirror.percent, handler: service(mirror.name) }))
    this.#sequence = sequence
    this.#mirrorBody = plan.mirrorBody
  }

  /** Those that get a copy of this request. Of n requests a mirror gets its share of n, rounded up: the first request is among them. */
  choose(exchange: Exchange): readonly Handler[] {
    // What is over already is only asked about (`explain`): no copy would ever be sent.
    if (this.#mirrors.length === 0 || exchange.upgrade !== '' || exchange.finished) return []
    const number = this.#sequence.next()
    const chosen: Handler[] = []
    for (const { percent, handler } of this.#mirrors) if (takesPart(number, percent)) chosen.push(handler)
    return chosen
  }

  /** Sends the copies when the exchange is over, unless its client has left. */
  copyLater(exchange: Exchange, chosen: readonly Handler[], body: WholeBody | null): void {
    if (this.#underWay + chosen.length > copiesMax) return
    this.#underWay += chosen.length
    // Taken now: services and their middlewares may change the request.
    const copies = chosen.map((handler) => {
      const collector = new Collector(droppedBytesMax)
      const copy = innerExchange(exchange, body?.copy() ?? null, collector)
      if (exchange.body !== null && !this.#mirrorBody) copy.headers.delete('content-length')
      return { handler, collector, copy }
    })
    exchange.addObserver({
      onFinish: () => {
        if (exchange.aborted !== null) this.#underWay -= copies.length
        else void this.#send(copies)
      },
    })
  }

  async #send(copies: readonly { readonly handler: Handler; readonly collector: Collector; readonly copy: Exchange }[]): Promise<void> {
    for (const { handler, collector, copy } of copies) {
      copy.startedMs = performance.now()
      await collector.run(copy, handler)
      this.#underWay -= 1
    }
  }
}

/** Whether request `number`, from 0, is one of the `percent` of a hundred. */
function takesPart(number: number, percent: number): boolean {
  return Math.ceil(((number + 1) * percent) / 100) > Math.ceil((number * percent) / 100)
}
