/** Servers for the router under test. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A server behind the router. */
export interface Backend {
  readonly url: string
  readonly port: number
  readonly server: Server
}

/** Starts a server that ends with the test; by default it answers with its name. */
export async function startBackend(
  t: Pick<TestContext, 'after'>,
  answer: string | ((request: IncomingMessage, response: ServerResponse) => void),
): Promise<Backend> {
  const server = createServer((request, response) => {
    if (typeof answer === 'string') response.end(answer)
    else answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server }
}
