/** Which origins may call, and what they are told (https://fetch.spec.whatwg.org/#http-cors-protocol). */
import { textToBytes } from '../../../../std/utf8.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { respondText } from '../../../http/respond.ts'

/** How long a browser may remember a preflight, in seconds. */
const maxAgeS = '600'
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])

/** The origins of the options. */
export class Origins {
  readonly #isAny: boolean
  readonly #allowed: ReadonlySet<string>

  constructor(allowed: readonly string[]) {
    this.#isAny = allowed.includes('*')
    this.#allowed = new Set(allowed.map(textToBytes))
  }

  /** Answers a preflight of a gRPC-Web call; false when the request is none. */
  answerPreflight(exchange: Exchange): boolean {
    const { headers, responseHeaders } = exchange
    if (exchange.method !== 'OPTIONS') return false
    const asked = headers.getAll('access-control-request-headers').join(',').toLowerCase()
    const method = headers.get('access-control-request-method') ?? ''
    if (method === '' || !asked.includes('x-grpc-web')) return false
    for (const name of ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers']) responseHeaders.add('Vary', name)
    const origin = this.#originOf(exchange)
    if (origin !== '' && methods.has(method)) {
      const names = asked.split(',').map((name) => canonicalName(name.trim()))
      responseHeaders.set('Access-Control-Allow-Origin', origin)
      responseHeaders.set('Access-Control-Allow-Methods', method)
      responseHeaders.set('Access-Control-Allow-Headers', names.filter((name) => name !== '').join(', '))
      responseHeaders.set('Access-Control-Allow-Credentials', 'true')
      responseHeaders.set('Access-Control-Max-Age', maxAgeS)
    }
    respondText(exchange, 200, '', 'middleware_answer')
    return true
  }

  /** Lets the page of an allowed origin read the answer. */
  allow(exchange: Exchange): void {
    const { responseHeaders } = exchange
    const names = [...new Set([...responseHeaders].map(([name]) => name))]
    responseHeaders.add('Vary', 'Origin')
    const origin = this.#originOf(exchange)
    if (origin === '') return
    responseHeaders.set('Access-Control-Allow-Origin', origin)
    responseHeaders.set('Access-Control-Allow-Credentials', 'true')
    responseHeaders.set('Access-Control-Expose-Headers', [...names, 'grpc-status', 'grpc-message'].join(', '))
  }

  /** The origin of a request when it may call; '' otherwise. */
  #originOf({ headers }: Exchange): string {
    const origin = headers.get('origin') ?? ''
    return this.#isAny || this.#allowed.has(origin) ? origin : ''
  }
}

function canonicalName(lower: string): string {
  return lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
