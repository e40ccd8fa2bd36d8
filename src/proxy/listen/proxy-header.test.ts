import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { proxyHeader } from '../stream/proxy-header.ts'
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts'

const signature = '0d0a0d0a000d0a515549540a'
const v4 = `000c${'c000020a'}${'c6336401'}${'0457'}${'08ae'}`

function read(bytes: string | Buffer): ProxyHeader {
  return readProxyHeader(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
}

function second(rest: string): ProxyHeader {
  return readProxyHeader(Buffer.from(signature + rest, 'hex'))
}

describe('readProxyHeader', () => {
  const addresses = { remoteIp: '192.0.2.10', remotePort: 1111, localIp: '198.51.100.1', localPort: 2222 }

  it('reads version 1', () => {
    assert.deepEqual(read('PROXY TCP4 192.0.2.10 198.51.100.1 1111 2222\r\nGET /'), { length: 46, addresses })
    assert.deepEqual(read('PROXY TCP6 2001:DB8::0010 ::ffff:1.2.3.4 1 2\r\n'), {
      length: 46,
      addresses: { remoteIp: '2001:db8::10', remotePort: 1, localIp: '1.2.3.4', localPort: 2 },
    })
    assert.deepEqual(read('PROXY UNKNOWN whatever\r\n'), { length: 24, addresses: null })
  })

  it('reads version 2', () => {
    assert.deepEqual(second(`2111${v4}`), { length: 28, addresses })
    assert.deepEqual(second('20000000'), { length: 16, addresses: null })
    assert.deepEqual(second(`2011${v4}`), { length: 28, addresses: null })
    // Further fields behind the addresses.
    assert.deepEqual(second(`2111${v4.replace('000c', '0013')}01000461626364`), { length: 35, addresses })
    assert.deepEqual(second(`2112${v4}`), { length: 28, addresses })
  })

  it('reads version 2 between UNIX sockets, whose paths are no addresses', () => {
    const paths = Buffer.concat([Buffer.from('/run/a.sock'), Buffer.alloc(205)]).toString('hex')
    for (const family of ['31', '32']) assert.deepEqual(second(`21${family}00d8${paths}`), { length: 232, addresses: null })
    assert.deepEqual(second(`213100dc${paths}01000161`), { length: 236, addresses: null })
    assert.equal(second(`213100d7${paths}`), 'invalid', 'too short')
    assert.equal(second(`213100db${paths}010009`), 'invalid', 'a field beyond its end')
  })

  for (const text of [
    'PROXY TCP4 not-an-ip 198.51.100.1 1111 2222\r\n',
    'PROXY TCP4 ::1 ::1 1111 2222\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1111\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1111 65536\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n',
    'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n',
    'PROXY TCP6 fe80::1%lo ::1 1 2\r\n',
    'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
    `PROXY TCP4 ${'1'.repeat(120)}`,
  ])
    it(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => assert.equal(read(text), 'invalid'))

  for (const [what, rest] of [
    ['an unspecified family', '21000000'],
    ['another version', `3111${v4}`],
    ['another command', `2211${v4}`],
    ['too little room for addresses', '21110004c000020a'],
    ['an unknown transport', `2113${v4}`],
    ['a field that is longer than the header', `2111${v4.replace('000c', '0010')}01000461`],
  ] as const)
    it(`refuses version 2 with ${what}`, () => assert.equal(second(rest), 'invalid'))

  it('tells what is no header', () => {
    for (const text of ['GET / HTTP/1.1', 'POST /', 'PROXY\r\n', 'PRI * HTTP/2.0', '\r\n\r\nhello', '\x16\x03\x01'])
      assert.equal(read(text), 'none', text)
  })

  it('asks for more until a header is complete, wherever it is cut', () => {
    for (const header of [Buffer.from('PROXY TCP4 192.0.2.10 198.51.100.1 1111 2222\r\n'), Buffer.from(`${signature}2111${v4}`, 'hex')]) {
      for (let length = 0; length < header.length; length += 1) assert.equal(read(header.subarray(0, length)), 'more', String(length))
    }
  })

  it('reads what is written', () => {
    const ip = fc.oneof(fc.ipV4(), fc.ipV6())
    const port = fc.integer({ min: 0, max: 65_535 })
    const ends = fc.record({ remoteIp: ip, remotePort: port, localIp: ip, localPort: port })
    fc.assert(
      fc.property(fc.constantFrom(1 as const, 2 as const), ends, (version, facts) => {
        const header = proxyHeader(version, facts)
        const found = readProxyHeader(Buffer.concat([header, Buffer.from('rest')]))
        assert.ok(typeof found !== 'string')
        assert.equal(found.length, header.length)
        assert.equal(found.addresses?.remotePort, facts.remotePort)
        assert.equal(found.addresses.localPort, facts.localPort)
        // Read again it is the same: one spelling for each address.
        assert.deepEqual(readProxyHeader(proxyHeader(version, found.addresses)), {
          length: proxyHeader(version, found.addresses).length,
          addresses: found.addresses,
        })
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isSecond) => {
        const all = isSecond ? Buffer.concat([Buffer.from(signature, 'hex'), bytes]) : Buffer.from(bytes)
        const found = readProxyHeader(all)
        assert.ok(typeof found === 'string' || found.length <= all.length)
      }),
    )
  })

  it('says nothing of a client whose address is none', () => {
    assert.equal(proxyHeader(1, { remoteIp: '', remotePort: 0, localIp: '', localPort: 0 }).toString(), 'PROXY UNKNOWN\r\n')
    assert.deepEqual(readProxyHeader(proxyHeader(2, { remoteIp: '', remotePort: 0, localIp: '', localPort: 0 })), {
      length: 16,
      addresses: null,
    })
  })
})
