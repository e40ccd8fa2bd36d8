/** Connections as TCP middlewares get them. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { TcpConnection, type TcpHandler } from '../../src/proxy/stream/tcp-connection.ts'
import { acceptTransport } from '../../src/proxy/transport/choose.ts'
import { PausedServer } from './transport-pair.ts'

/** A connection, and how it fared. */
export interface ArrivedConnection {
  readonly connection: TcpConnection
  readonly client: Socket
  /** Resolves when it is over. */
  readonly over: Promise<void>
}

/** Makes connections from addresses that are only said to be theirs. */
export class ArrivingConnections {
  readonly #server: PausedServer

  private constructor(server: PausedServer) {
    this.#server = server
  }

  static async start(t: Pick<TestContext, 'after'>): Promise<ArrivingConnections> {
    const server = await PausedServer.listen()
    t.after(() => server.close())
    return new ArrivingConnections(server)
  }

  /** Lets a connection arrive and a handler have it. */
  async arrive(t: Pick<TestContext, 'after'>, remoteIp: string, handler: TcpHandler): Promise<ArrivedConnection> {
    const client = connect({ port: this.#server.port, host: '127.0.0.1' })
    client.on('error', () => {})
    t.after(() => client.destroy())
    const [socket] = await Promise.all([this.#server.accept(), once(client, 'connect')])
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const connection = new TcpConnection({
      transport: acceptTransport(socket),
      facts: { remoteIp, remotePort: 1, localIp: '127.0.0.1', localPort: 2, tls: null },
      early: null,
      asksPostgresTls: false,
      onClose: () => resolve(),
    })
    t.after(() => connection.destroy())
    connection.start(handler)
    return { connection, client, over }
  }
}
