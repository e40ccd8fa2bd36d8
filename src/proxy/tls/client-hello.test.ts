import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { helloMessage, helloRecords, type HelloParts, vector } from '../../../test/support/client-hello.ts'
import { clientHelloBytesMax, type ClientHello, looksLikeTls, parseClientHello } from './client-hello.ts'

function parse(parts: HelloParts, recordBytes?: number): ClientHello | 'more' | 'invalid' {
  return parseClientHello(helloRecords(helloMessage(parts), recordBytes))
}

function parsed(parts: HelloParts, recordBytes?: number): ClientHello {
  const hello = parse(parts, recordBytes)
  assert.ok(typeof hello === 'object', `${JSON.stringify(parts)}: ${JSON.stringify(hello)}`)
  return hello
}

describe('parseClientHello', () => {
  it('reads what decides about a connection', () => {
    assert.deepEqual(parsed({}), {
      serverName: 'a.local',
      alpn: ['h2', 'http/1.1'],
      versions: [0x0304, 0x0303],
      cipherSuites: [0x1301, 0xc02b],
      signatureSchemes: [0x0403],
    })
    const bare = parsed({ serverName: null, alpn: [], versions: [], signatureSchemes: [] })
    assert.deepEqual([bare.serverName, bare.alpn, bare.versions, bare.signatureSchemes], ['', [], [0x0303], []])
  })

  const names: readonly (readonly [string, string | null])[] = [
    ['a.local', 'a.local'],
    ['A.LoCaL', 'a.local'],
    ['a.local.', 'a.local'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['a_b.local', 'a_b.local'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['', null],
    ['.', null],
    ['a.local..', null],
    ['a.local:443', null],
    ['[::1]', null],
    ['a.local ', null],
    [' a.local', null],
    ['a.local\0.evil', null],
    ['a\r\nb', null],
    ['b\xc3\xbccher.example', null],
    ['a\u3002local'.normalize(), null],
  ]
  for (const [sent, expected] of names) {
    it(`R14 takes the server name ${JSON.stringify(sent)} as ${expected ?? 'a reason to refuse'}`, () => {
      const hello = parse({ serverName: sent })
      assert.equal(typeof hello === 'object' ? hello.serverName : null, expected)
    })
  }

  it('R23 reads it however it is cut into records', () => {
    for (const size of [1, 2, 3, 4, 5, 50, 16_384]) assert.deepEqual(parsed({ serverName: 'cut.local' }, size).serverName, 'cut.local')
  })

  it('R23 reads it however it is cut into segments', () => {
    const bytes = helloRecords(helloMessage(), 100)
    for (let length = 0; length < bytes.length; length += 1) assert.equal(parseClientHello(bytes.subarray(0, length)), 'more')
    assert.equal(typeof parseClientHello(bytes), 'object')
  })

  it('R23 takes hellos of 16 KiB and more, as post-quantum keys make them', () => {
    const keyShare: readonly [number, Buffer] = [51, vector(2, Buffer.alloc(20_000))]
    assert.equal(parsed({ extensions: [keyShare] }).serverName, 'a.local')
  })

  it('R23 passes over GREASE', () => {
    const grease = 0x2a2a
    const hello = parsed({
      extensions: [[grease, Buffer.from([0])]],
      versions: [grease, 0x0304],
      cipherSuites: [grease, 0x1301],
      alpn: ['**', 'h2'],
    })
    assert.deepEqual([hello.serverName, hello.versions, hello.alpn], ['a.local', [grease, 0x0304], ['**', 'h2']])
  })

  const sound = helloRecords(helloMessage())
  const broken: Readonly<Record<string, Buffer>> = {
    'a record above 2^14 bytes': Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0x01]), Buffer.from([1]), Buffer.alloc(200)]),
    'an empty record': Buffer.concat([Buffer.from([22, 3, 1, 0, 0]), sound]),
    'a hello of SSL 2': Buffer.from([0x80, 0x2e, 1, 3, 1]),
    'another major version': Buffer.concat([Buffer.from([22, 2]), sound.subarray(2)]),
    'an alert between the records': Buffer.concat([helloRecords(helloMessage().subarray(0, 50)), Buffer.from([21, 3, 1, 0, 2, 1, 0])]),
    'another handshake message': helloRecords(Buffer.concat([Buffer.from([2]), helloMessage().subarray(1)])),
    'an empty message': helloRecords(Buffer.from([1, 0, 0, 0])),
    'a message that is too long': helloRecords(Buffer.concat([Buffer.from([1, 1, 0, 1]), Buffer.alloc(100)])),
    'an extension twice': helloRecords(helloMessage({ extensions: [[16, vector(2, vector(1, 'h2'))]] })),
    'two server names': helloRecords(
      helloMessage({ serverNameBody: vector(2, Buffer.from([0]), vector(2, 'a.local'), Buffer.from([0]), vector(2, 'b.local')) }),
    ),
    'a server name of another type': helloRecords(helloMessage({ serverNameBody: vector(2, Buffer.from([1]), vector(2, 'a.local')) })),
    'bytes behind the server name': helloRecords(
      helloMessage({ serverNameBody: Buffer.concat([vector(2, Buffer.from([0]), vector(2, 'a.local')), Buffer.from([0])]) }),
    ),
    'an empty protocol': helloRecords(helloMessage({ alpn: ['h2', ''] })),
    'plain HTTP': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  }
  for (const [name, bytes] of Object.entries(broken)) {
    it(`R23 refuses ${name}`, () => assert.equal(parseClientHello(bytes), 'invalid'))
  }

  it('takes no more bytes and records than its limits', () => {
    const endless = Buffer.concat([Buffer.from([1, 0, 0xff, 0xf0]), Buffer.alloc(clientHelloBytesMax)])
    assert.equal(parseClientHello(helloRecords(endless.subarray(0, 10_000), 1)), 'invalid')
  })

  it('tells TLS by its first byte', () => {
    assert.deepEqual([0x16, 0x80, 0x47, 0].map(looksLikeTls), [true, true, false, false])
  })

  it('never throws, and never reads two things in the same bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    fc.assert(
      fc.property(fc.nat(sound.length), bytes, fc.nat(40), (at, insert, drop) => {
        const mutated = Buffer.concat([sound.subarray(0, at), insert, sound.subarray(at + drop)])
        const whole = parseClientHello(mutated)
        if (typeof whole !== 'object') return
        // What is behind the hello changes nothing, and no part of it was a hello already.
        assert.deepEqual(parseClientHello(Buffer.concat([mutated, insert])), whole)
      }),
      { numRuns: 500 },
    )
  })

  it('reads what a real client sends', async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const client = connect({ port, host: '127.0.0.1', servername: 'real.local', ALPNProtocols: ['h2', 'http/1.1'] })
    client.on('error', () => {})
    const [socket] = await once(server, 'connection')
    const [bytes] = await once(socket, 'data')
    client.destroy()
    socket.destroy()
    const hello = parseClientHello(bytes)
    assert.ok(typeof hello === 'object')
    assert.deepEqual([hello.serverName, hello.alpn, hello.versions], ['real.local', ['h2', 'http/1.1'], [0x0304, 0x0303]])
  })
})
