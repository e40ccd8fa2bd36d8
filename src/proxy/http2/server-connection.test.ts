import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { after, before, describe, it } from 'node:test'
import { BodyReader, echo } from '../../../test/support/http1-rig.ts'
import { Http2Rig } from '../../../test/support/http2-rig.ts'
import { systemClock } from '../../std/clock.ts'
import type { Exchange } from '../http/exchange.ts'
import { HeaderList } from '../http/header-list.ts'
import { respondText } from '../http/respond.ts'
import type { TransportKind } from '../transport/choose.ts'

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly trailers: IncomingHttpHeaders
  readonly interims: readonly IncomingHttpHeaders[]
}

function read(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    const interims: IncomingHttpHeaders[] = []
    let body = ''
    stream.setEncoding('latin1')
    stream.on('headers', (found) => interims.push(found))
    stream.on('continue', () => interims.push({ ':status': '100' }))
    stream.on('response', (found) => (headers = found))
    stream.on('trailers', (found) => (trailers = found))
    stream.on('data', (chunk: string) => (body += chunk))
    stream.on('error', reject)
    stream.on('end', () => resolve({ headers, body, trailers, interims }))
  })
}

for (const kind of ['handle', 'socket'] satisfies TransportKind[]) {
  describe(`HTTP/2 with Node's client on ${kind} transports`, () => {
    let rig: Http2Rig
    let session: ClientHttp2Session

    before(async () => {
      rig = await Http2Rig.listen(echo, { kind, clock: systemClock })
      session = connect(`http://127.0.0.1:${rig.port}`)
    })
    after(() => {
      session.destroy()
      rig.close()
    })

    function ask(headers: OutgoingHttpHeaders, body: string | Buffer | null = null): Promise<Answer> {
      const stream = session.request(headers, { endStream: body === null })
      if (body !== null) stream.end(body)
      return read(stream)
    }

    it('answers a request', async () => {
      rig.handler = echo
      const { headers, body } = await ask({ ':path': '/a?b=c' })
      assert.equal(body, 'GET /a?b=c')
      assert.equal(headers[':status'], 200)
      assert.equal(headers['content-length'], '10')
      assert.match(String(headers.date), /GMT$/)
    })

    it('makes an exchange like any other of it', async () => {
      let seen: Exchange | null = null
      rig.handler = (exchange) => {
        seen = exchange
        respondText(exchange, 204, '', null)
      }
      await ask({ ':path': '/p', ':authority': 'B.local:81', 'x-one': '1', 'cookie': ['a=1', 'b=2'], 'user-agent': 'me' })
      const { hostRaw, method, path, protocol, scheme, headers, body } = seen as unknown as Exchange
      assert.deepEqual([hostRaw, method, path, protocol, scheme, body], ['B.local:81', 'GET', '/p', 'HTTP/2.0', 'http', null])
      assert.deepEqual(
        [...headers],
        [
          ['X-One', '1'],
          ['User-Agent', 'me'],
          ['Cookie', 'a=1; b=2'],
        ],
      )
    })

    it('takes bodies', async () => {
      rig.handler = echo
      assert.equal((await ask({ ':method': 'POST' }, 'hello')).body, 'POST hello')
      assert.equal((await ask({ ':method': 'POST' }, '')).body, 'POST ')
    })

    it('takes long bodies, held back by who reads them', async () => {
      rig.handler = (exchange) => {
        const { body } = exchange
        const reader = new BodyReader(({ bytes }) => respondText(exchange, 200, String(bytes), null))
        reader.keeps = false
        const inner = reader.onBodyChunk.bind(reader)
        reader.onBodyChunk = (chunk) => {
          inner(chunk)
          body?.pause()
          setImmediate(() => body?.resume())
        }
        body?.start(reader)
      }
      const answers = await Promise.all([1, 2, 3].map(() => ask({ ':method': 'PUT' }, Buffer.alloc(3_000_000, 'u'))))
      assert.deepEqual(
        answers.map(({ body }) => body),
        ['3000000', '3000000', '3000000'],
      )
    })

    it('sends long bodies within the windows of the client', async () => {
      const chunk = Buffer.alloc(200_000, 'd')
      rig.handler = (exchange) => {
        let left = 30
        const more = (): void => {
          while (left > 0) {
            left -= 1
            if (!exchange.sink.write(exchange, chunk)) return
          }
          exchange.producer = null
          exchange.sink.end(exchange)
        }
        exchange.producer = { onDrain: more, onAbort: () => {} }
        exchange.status = 200
        exchange.startResponse()
        more()
      }
      const answers = await Promise.all([1, 2, 3].map(() => ask({})))
      for (const { body } of answers) assert.equal(body.length, 6_000_000)
    })

    it('passes interim answers, heads without bodies, and trailers both ways', async () => {
      rig.handler = (exchange) => {
        const early = new HeaderList()
        early.add('Link', '</a>')
        exchange.sink.informational(exchange, 103, early)
        const reader = new BodyReader(({ trailers }) => {
          exchange.status = 200
          exchange.responseHeaders.add('Trailer', 'X-T')
          exchange.startResponse()
          exchange.sink.writeText(exchange, [...(trailers ?? [])].join())
          exchange.responseTrailers = new HeaderList()
          exchange.responseTrailers.add('X-T', '1')
          exchange.sink.end(exchange)
        })
        exchange.body?.start(reader)
      }
      const stream = session.request({ ':method': 'POST' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-up': 'u', 'x-forwarded-for': '1.2.3.4' }))
      stream.end('x')
      const { body, trailers, interims } = await read(stream)
      assert.equal(body, 'X-Up,u')
      assert.equal(trailers['x-t'], '1')
      assert.deepEqual([interims[0]?.[':status'], interims[0]?.['link']], [103, '</a>'])
    })

    it('asks for the body of a client that waits', async () => {
      rig.handler = echo
      const stream = session.request({ ':method': 'POST', 'expect': '100-continue' })
      await once(stream, 'continue')
      stream.end('late')
      assert.equal((await read(stream)).body, 'POST late')
    })

    it('answers other expectations with 417', async () => {
      const { headers } = await ask({ expect: 'wonders' })
      assert.equal(headers[':status'], 417)
    })

    it('sends no body with HEAD, 204 and 304', async () => {
      rig.handler = (exchange) => respondText(exchange, exchange.path === '/head' ? 200 : Number(exchange.path.slice(1)), 'body', null)
      const head = await ask({ ':path': '/head', ':method': 'HEAD' })
      assert.deepEqual([head.body, head.headers['content-length']], ['', '4'])
      for (const status of [204, 304]) assert.equal((await ask({ ':path': `/${status}` })).body, '')
    })

    it('cuts an answer that cannot be completed by a reset', async () => {
      rig.handler = (exchange) => {
        exchange.status = 200
        exchange.startResponse()
        exchange.sink.writeText(exchange, 'half')
        exchange.sink.abort(exchange, 'upstream_cut')
      }
      const stream = session.request({})
      const [error] = (await once(stream.resume(), 'error')) as [NodeJS.ErrnoException]
      assert.match(error.message, /NGHTTP2_INTERNAL_ERROR/)
    })

    it('tells whoever answers that the client has cancelled', async () => {
      const aborted = Promise.withResolvers<string>()
      rig.handler = (exchange) => {
        exchange.producer = { onDrain: () => {}, onAbort: (reason) => aborted.resolve(reason) }
      }
      const count = rig.finished.length
      const stream = session.request({})
      stream.on('error', () => {})
      await rig.until(() => rig.connections.some((connection) => connection.session.streams.size > 0))
      stream.close(constants.NGHTTP2_CANCEL)
      assert.equal(await aborted.promise, 'client_gone')
      await rig.until(() => rig.finished.length > count)
      assert.equal(rig.finished.at(-1)?.status, 499)
    })

    it('answers 500 when a handler throws, and goes on', async () => {
      rig.handler = () => {
        throw new Error('a bug')
      }
      assert.equal((await ask({})).headers[':status'], 500)
      rig.handler = () => Promise.reject(new Error('another'))
      assert.equal((await ask({})).headers[':status'], 500)
      rig.handler = echo
      assert.equal((await ask({})).headers[':status'], 200)
      assert.equal(rig.errors.splice(0).length, 2)
    })

    it('answers early without the rest of the upload', async () => {
      rig.handler = (exchange) => respondText(exchange, 403, 'no', null)
      const stream = session.request({ ':method': 'POST' })
      stream.write(Buffer.alloc(10_000))
      const { headers, body } = await read(stream)
      assert.deepEqual([headers[':status'], body], [403, 'no'])
      stream.destroy()
    })
  })
}

describe('the end of a connection', () => {
  it('comes after the requests that are under way when it is drained', async () => {
    const rig = await Http2Rig.listen(() => {}, { clock: systemClock })
    const session = connect(`http://127.0.0.1:${rig.port}`)
    const stream = session.request({})
    await rig.until(() => rig.exchanges.length === 1)
    const goaway = once(session, 'goaway')
    rig.connections[0]?.drain()
    await goaway
    const answer = read(stream)
    const exchange = rig.exchanges[0]
    assert.ok(exchange !== undefined)
    respondText(exchange, 200, 'last', null)
    assert.equal((await answer).body, 'last')
    await rig.until(() => rig.closed === 1)
    session.destroy()
    rig.close()
  })

  it('comes after so many requests', async () => {
    const rig = await Http2Rig.listen(echo, { clock: systemClock, keepAliveMaxRequests: 2 })
    const session = connect(`http://127.0.0.1:${rig.port}`)
    const goaway = once(session, 'goaway')
    assert.equal((await read(session.request({}))).body, 'GET /')
    assert.equal((await read(session.request({}))).body, 'GET /')
    await goaway
    await rig.until(() => rig.closed === 1)
    rig.close()
  })

  it('comes with an answer that says so', async () => {
    const rig = await Http2Rig.listen(
      (exchange) => {
        exchange.closeAfter = true
        echo(exchange)
      },
      { clock: systemClock },
    )
    const session = connect(`http://127.0.0.1:${rig.port}`)
    assert.equal((await read(session.request({}))).body, 'GET /')
    await rig.until(() => rig.closed === 1)
    session.destroy()
    rig.close()
  })

  it('aborts what is under way when the client is gone', async () => {
    const rig = await Http2Rig.listen(() => {}, { clock: systemClock })
    const session = connect(`http://127.0.0.1:${rig.port}`)
    for (let count = 0; count < 3; count += 1) session.request({}).on('error', () => {})
    await rig.until(() => rig.exchanges.length === 3)
    session.destroy()
    await rig.until(() => rig.finished.length === 3 && rig.closed === 1)
    assert.deepEqual(
      rig.finished.map(({ status, reason }) => [status, reason]),
      [
        [499, 'client_gone'],
        [499, 'client_gone'],
        [499, 'client_gone'],
      ],
    )
    rig.close()
  })
})
