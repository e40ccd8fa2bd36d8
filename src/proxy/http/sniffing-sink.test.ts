import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Transport } from '../transport/transport.ts'
import { type ConnectionFacts, Exchange, type ResponseSink } from './exchange.ts'
import { HeaderList } from './header-list.ts'
import { SniffingSink } from './sniffing-sink.ts'

const facts: ConnectionFacts = { remoteIp: '127.0.0.1', remotePort: 1, localIp: '127.0.0.1', localPort: 80, tls: null }

/** Notes what reaches the client, in order. */
class NotingSink implements ResponseSink {
  readonly events: string[] = []
  takesMore = true

  get body(): string {
    return this.events
      .filter((event) => event.startsWith('body '))
      .map((event) => event.slice(5))
      .join('')
  }

  informational(_exchange: Exchange, status: number, _headers: HeaderList): void {
    this.events.push(`informational ${status}`)
  }

  head(exchange: Exchange): void {
    this.events.push(`head ${exchange.status} ${exchange.responseHeaders.get('content-type') ?? '-'}`)
  }

  write(_exchange: Exchange, chunk: Uint8Array): boolean {
    this.events.push(`body ${Buffer.from(chunk).toString('latin1')}`)
    return this.takesMore
  }

  writeText(_exchange: Exchange, text: string): void {
    this.events.push(`body ${text}`)
  }

  end(): void {
    this.events.push('end')
  }

  abort(_exchange: Exchange, reason: string): void {
    this.events.push(`abort ${reason}`)
  }

  upgrade(_exchange: Exchange, _server: Transport, _early: Buffer | null): void {
    this.events.push('upgrade')
  }
}

interface Setup {
  readonly status?: number
  readonly length?: number
  readonly fields?: readonly (readonly [string, string])[]
}

function begin(setup: Setup = {}): { exchange: Exchange; client: NotingSink; sink: SniffingSink } {
  const client = new NotingSink()
  const sink = new SniffingSink(client)
  const exchange = new Exchange(facts, 'web', new HeaderList(), sink)
  exchange.status = setup.status ?? 200
  exchange.responseLength = setup.length ?? -1
  for (const [name, value] of setup.fields ?? []) exchange.responseHeaders.add(name, value)
  return { exchange, client, sink }
}

const plain = 'text/plain; charset=utf-8'

describe('an answer without a type', () => {
  it('gets the one that its body looks like, in the same write as before', () => {
    const { exchange, client } = begin({ length: 6 })
    exchange.startResponse()
    assert.deepEqual(client.events, [])
    assert.equal(exchange.sink.write(exchange, Buffer.from('<html>')), true)
    exchange.sink.end(exchange)
    assert.deepEqual(client.events, ['head 200 text/html; charset=utf-8', 'body <html>', 'end'])
  })

  it('gets it when its body is text', () => {
    const { exchange, client } = begin({ length: 11, status: 502 })
    exchange.startResponse()
    exchange.sink.writeText(exchange, 'Bad Gateway')
    exchange.sink.end(exchange)
    assert.deepEqual(client.events, [`head 502 ${plain}`, 'body Bad Gateway', 'end'])
  })

  const untouched: readonly (Setup & { readonly what: string; readonly type?: string })[] = [
    { what: 'that has a type', length: 6, fields: [['Content-Type', 'a/b']], type: 'a/b' },
    { what: 'that has an empty type', length: 6, fields: [['content-type', '']], type: '' },
    { what: 'that is encoded', length: 6, fields: [['Content-Encoding', 'x-own']] },
    { what: 'of unknown length', length: -1 },
    { what: 'without a body', length: 0 },
    { what: 'of 204', length: 6, status: 204 },
    { what: 'of 304', length: 6, status: 304 },
  ]
  for (const { what, type, ...setup } of untouched) {
    it(`is not held when it is one ${what}`, () => {
      const { exchange, client } = begin(setup)
      exchange.startResponse()
      assert.deepEqual(client.events, [`head ${exchange.status} ${type ?? '-'}`])
      exchange.sink.write(exchange, Buffer.from('<html>'))
      exchange.sink.writeText(exchange, 'x')
      assert.equal(client.body, '<html>x')
    })
  }

  it('counts as not encoded when Content-Encoding is empty', () => {
    const { exchange, client } = begin({ length: 1, fields: [['Content-Encoding', '']] })
    exchange.startResponse()
    exchange.sink.writeText(exchange, 'x')
    assert.deepEqual(client.events, [`head 200 ${plain}`, 'body x'])
  })

  it('goes as it is when no body comes, as for HEAD', () => {
    const { exchange, client } = begin({ length: 6 })
    exchange.startResponse()
    exchange.sink.end(exchange)
    assert.deepEqual(client.events, ['head 200 -', 'end'])
  })

  it('is cut with its head and what came of the body', () => {
    const { exchange, client } = begin({ length: 600 })
    exchange.startResponse()
    exchange.sink.write(exchange, Buffer.from('<html>'))
    exchange.sink.abort(exchange, 'upstream_cut')
    assert.deepEqual(client.events, ['head 200 text/html; charset=utf-8', 'body <html>', 'abort upstream_cut'])
  })

  it('tells its producer to wait when the client takes no more, with the head as well', () => {
    const { exchange, client } = begin({ length: 1000 })
    client.takesMore = false
    exchange.startResponse()
    assert.equal(exchange.sink.write(exchange, Buffer.alloc(10, 97)), true)
    assert.equal(exchange.sink.write(exchange, Buffer.alloc(502, 97)), false)
    assert.equal(exchange.sink.write(exchange, Buffer.alloc(488, 97)), false)
    assert.equal(client.body.length, 1000)
  })

  it('lets what comes before it and in its place pass', () => {
    const { exchange, client, sink } = begin()
    sink.informational(exchange, 103, new HeaderList())
    sink.upgrade(exchange, undefined as never, null)
    assert.deepEqual(client.events, ['informational 103', 'upgrade'])
  })

  it('has the same head and body in whatever pieces it comes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 9 }),
      fc.string({ unit: 'binary-ascii', minLength: 400, maxLength: 700 }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 6 }),
        fc.constantFrom('', '<html>', '\x89PNG\r\n\x1a\n'),
        (pieces, start) => {
          const parts: readonly (readonly [string, boolean])[] = [
            ...Array.from(start, (char): [string, boolean] => [char, true]),
            ...pieces,
          ]
          const body = parts.map(([text]) => text).join('')
          const whole = begin({ length: body.length })
          whole.exchange.startResponse()
          whole.exchange.sink.write(whole.exchange, Buffer.from(body, 'latin1'))
          whole.exchange.sink.end(whole.exchange)
          const { exchange, client } = begin({ length: body.length })
          exchange.startResponse()
          for (const [text, isText] of parts) {
            if (isText) exchange.sink.writeText(exchange, text)
            else exchange.sink.write(exchange, Buffer.from(text, 'latin1'))
          }
          exchange.sink.end(exchange)
          assert.equal(client.body, body)
          assert.equal(client.events[0], whole.client.events[0])
          assert.equal(client.events.filter((event) => event.startsWith('head ')).length, 1)
          assert.equal(client.events.at(-1), 'end')
        },
      ),
    )
  })
})
