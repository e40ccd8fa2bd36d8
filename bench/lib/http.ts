/** Single requests on connections that stay open, for what is timed request by request. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** One keep-alive connection. */
export class Client {
  readonly #agent: Agent
  readonly #port: number
  readonly #isSecure: boolean

  constructor(port: number, isSecure = false) {
    const options = { keepAlive: true, maxSockets: 1 }
    this.#agent = isSecure ? new SecureAgent({ ...options, rejectUnauthorized: false }) : new Agent(options)
    this.#port = port
    this.#isSecure = isSecure
  }

  send(options: { readonly method?: string; readonly path?: string; readonly host?: string; readonly body?: string }): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = options.host === undefined ? {} : { host: options.host }
      if (options.body !== undefined) headers['content-type'] = 'application/json'
      const { method = 'GET', path = '/' } = options
      const onResponse = (response: IncomingMessage): void => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        response.on('error', reject)
      }
      const asked = { host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path, headers }
      const sent = this.#isSecure ? secureRequest(asked, onResponse) : request(asked, onResponse)
      sent.on('error', reject)
      sent.end(options.body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Requests on one connection until another is opened. */
const askedMax = 50

/** Asks until the answer satisfies, and gives the time at which it did; connection errors count as not yet. */
export async function until(
  at: number | { readonly port: number; readonly isSecure: boolean },
  host: string,
  path: string,
  satisfied: (answer: Answer) => boolean,
): Promise<number> {
  const { port, isSecure } = typeof at === 'number' ? { port: at, isSecure: false } : at
  const end = performance.now() + 60_000
  for (;;) {
    const client = new Client(port, isSecure)
    try {
      // Not for ever: who answered may not be who answers new connections, as long as the configuration is not there.
      for (let asked = 0; asked < askedMax && performance.now() < end; asked += 1) {
        if (satisfied(await client.send({ host, path }))) return performance.now()
      }
    } catch {
      await sleep(2)
    } finally {
      client.close()
    }
    if (performance.now() >= end) throw new Error(`${host}${path} on port ${port}: not as expected within a minute`)
  }
}
