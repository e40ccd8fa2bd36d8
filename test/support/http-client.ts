/** Clients for system tests: one connection each, so that a test can tell whether it is still the same. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** An answer, and the client's port of the connection that it came on. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly localPort: number
}

/** What is asked. */
export interface Question {
  readonly host?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A client with one connection that is kept alive. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #address: { readonly host: string; readonly port: number }

  constructor(port: number, host = '127.0.0.1') {
    this.#address = { host, port }
  }

  /** Asks and reads the answer to its end; rejects when there is none. */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    const { response, localPort } = await this.begin(path, question)
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response), localPort }
  }

  /** Asks, and resolves once the head of the answer is there. */
  begin(
    path: string,
    { host, method = 'GET', headers = {}, body }: Question = {},
  ): Promise<{ response: IncomingMessage; localPort: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ response: IncomingMessage; localPort: number }>()
    const all = { ...headers, ...(host === undefined ? {} : { Host: host }) }
    const asking = request({ ...this.#address, agent: this.#agent, path, method, headers: all }, (response) => {
      resolve({ response, localPort: response.socket.localPort ?? 0 })
    })
    asking.on('error', reject)
    asking.end(body)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Asks once on a connection of its own; null when nobody answers. */
export async function askOnce(port: number, path: string, question: Question & { readonly address?: string } = {}): Promise<Answer | null> {
  const client = new Client(port, question.address)
  try {
    return await client.ask(path, { ...question, headers: { Connection: 'close', ...question.headers } })
  } catch {
    // Refused or cut: whoever asks this way expects it.
    return null
  } finally {
    client.close()
  }
}
