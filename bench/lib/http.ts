/** Single requests on connections that stay open, for what is timed request by request. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** One keep-alive connection. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  send(options: { readonly method?: string; readonly path?: string; readonly host?: string; readonly body?: string }): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = options.host === undefined ? {} : { host: options.host }
      if (options.body !== undefined) headers['content-type'] = 'application/json'
      const { method = 'GET', path = '/' } = options
      const sent = request({ host: '127.0.0.1', port: this.#port, agent: this.#agent, method, path, headers }, (response) => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(options.body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Asks until the answer satisfies, and gives the time at which it did; connection errors count as not yet. */
export async function until(port: number, host: string, path: string, satisfied: (answer: Answer) => boolean): Promise<number> {
  const end = performance.now() + 60_000
  for (;;) {
    const client = new Client(port)
    try {
      while (performance.now() < end) {
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
