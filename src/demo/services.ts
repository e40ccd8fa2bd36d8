/** Small servers that the demo routes to. They need nothing installed and listen on ports that the system picks. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { hostname } from 'node:os'

/** An example server and where it listens. */
export interface ExampleServer {
  readonly url: string
  close(): void
}

const bodyBytesMax = 1024 * 1024

/** Answers with what arrived: who it is, the request line and the headers as the router passed them on. */
function whoami(name: string): RequestListener {
  return (request, response) => {
    const lines = [
      `Name: ${name}`,
      `Hostname: ${hostname()}`,
      `RemoteAddr: ${request.socket.remoteAddress}:${request.socket.remotePort}`,
      `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    ]
    for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
    echoBody(request, response, `${lines.join('\n')}\n`)
  }
}

/** Sends the text and then the request's body, up to a limit. */
function echoBody(request: IncomingMessage, response: ServerResponse, text: string): void {
  let left = bodyBytesMax
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.write(text)
  request.on('data', (chunk: Buffer) => {
    if (left > 0) response.write(chunk.subarray(0, left))
    left -= chunk.length
  })
  request.on('end', () => response.end())
}

/** Fails two requests in five, always the same two, so that what one sees can be explained. */
function flaky(name: string): RequestListener {
  let count = 0
  return (request, response) => {
    request.resume()
    count += 1
    const fails = count % 5 === 2 || count % 5 === 4
    response.statusCode = fails ? 503 : 200
    response.setHeader('Content-Type', 'text/plain; charset=utf-8')
    response.end(`${name}: request ${count} ${fails ? 'fails, as two in five do' : 'is fine'}\n`)
  }
}

function closeNow(server: Server): void {
  server.close()
  server.closeAllConnections()
}

function listen(server: Server): Promise<ExampleServer> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('an example server listens on no port'))
      resolve({ url: `http://127.0.0.1:${address.port}`, close: () => closeNow(server) })
    })
  })
}

/** Starts all servers of the demo. */
export async function startExampleServers(): Promise<Readonly<Record<'whoami' | 'replicaA' | 'replicaB' | 'flaky', ExampleServer>>> {
  const [first, replicaA, replicaB, failing] = await Promise.all(
    [whoami('whoami'), whoami('replica a'), whoami('replica b'), flaky('flaky')].map((listener) => listen(createServer(listener))),
  )
  if (!first || !replicaA || !replicaB || !failing) throw new Error('an example server did not start')
  return { whoami: first, replicaA, replicaB, flaky: failing }
}
