import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startStreamServer, startTlsStreamServer } from '../../test/support/stream-rig.ts'
import { testTransport } from '../../test/support/upstream-rig.ts'
import type { TcpHealthCheck, TcpHealthTarget } from './targets.ts'
import { checkTcp } from './tcp-check.ts'

const never = new AbortController().signal

function targetAt(port: number, check: Partial<TcpHealthCheck> = {}, more: Partial<TcpHealthTarget> = {}): TcpHealthTarget {
  return {
    protocol: 'tcp',
    key: 'k',
    service: 's@file',
    url: `127.0.0.1:${port}`,
    historyCell: 0,
    rise: 1,
    fall: 1,
    jitterPercent: 0,
    stateCell: 0,
    check: {
      host: '127.0.0.1',
      port,
      send: '',
      expect: '',
      proxyProtocol: 0,
      intervalMs: 1000,
      unhealthyIntervalMs: 1000,
      timeoutMs: 1000,
      ...check,
    },
    tls: null,
    remarks: [],
    ...more,
  }
}

describe('checkTcp', () => {
  it('is content with a connection', async (t) => {
    const { port } = await startStreamServer(t)
    await checkTcp(targetAt(port), never)
  })

  it('says what is wrong with a connection', async (t) => {
    const server = await startStreamServer(t)
    await server.close()
    await assert.rejects(checkTcp(targetAt(server.port), never), /ECONNREFUSED/)
  })

  it('sends and hears, however the answer is cut', async (t) => {
    const { port, connections } = await startStreamServer(t, (talk) =>
      talk.socket.once('data', () => {
        talk.say('+PO')
        setImmediate(() => talk.say('NG\r\nmore'))
      }),
    )
    await checkTcp(targetAt(port, { send: 'PING\r\n', expect: '+PONG' }), never)
    assert.equal(connections[0]?.received, 'PING\r\n')
  })

  it('refuses another answer, and a connection that ends before it', async (t) => {
    const { port } = await startStreamServer(t, (talk) => talk.say('-LOADING'))
    await assert.rejects(checkTcp(targetAt(port, { expect: '+PONG' }), never), /unexpected answer "-LOADING"/)
    const ending = await startStreamServer(t, (talk) => talk.socket.end('+P'))
    await assert.rejects(checkTcp(targetAt(ending.port, { expect: '+PONG' }), never), /closed without an answer/)
  })

  it('gives up when it is told to', async (t) => {
    const { port } = await startStreamServer(t, () => {})
    const abort = new AbortController()
    const checked = checkTcp(targetAt(port, { expect: 'x' }), abort.signal)
    abort.abort(new Error('no answer within 1s'))
    await assert.rejects(checked, /no answer within 1s/)
  })

  for (const [version, header] of [
    [1, 'PROXY UNKNOWN\r\n'],
    [2, '\r\n\r\n\0\r\nQUIT\n \0\0\0'],
  ] as const)
    it(`speaks for itself in version ${version} of the PROXY protocol`, async (t) => {
      const { port } = await startStreamServer(t, (talk) => {
        talk.socket.on('data', () => {
          if (talk.received === `${header}hi`) talk.say('well')
        })
      })
      await checkTcp(targetAt(port, { send: 'hi', expect: 'well', proxyProtocol: version }), never)
    })

  it('speaks TLS, and checks who the server is', async (t) => {
    const { port } = await startTlsStreamServer(t, 'db.local', (talk) => talk.say('ready'))
    const tls = testTransport({ insecureSkipVerify: true })
    await checkTcp(targetAt(port, { expect: 'ready' }, { tls }), never)
    await assert.rejects(checkTcp(targetAt(port, { expect: 'ready' }, { tls: { ...tls, insecureSkipVerify: false } }), never))
  })
})
