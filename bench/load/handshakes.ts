/**
 * Makes full handshakes of TLS 1.3 for some seconds, and writes how many. Nothing is asked over the connections: each side ends them once they are
 * made. A handshake that resumes a session, or agrees on another version or key exchange than all proxies can, counts as an error.
 *
 *     node bench/load/handshakes.ts --port=443 --atOnce=8 --seconds=3
 */
import { once } from 'node:events'
import process from 'node:process'
import { connect, type TLSSocket } from 'node:tls'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { port: { type: 'string' }, atOnce: { type: 'string', default: '8' }, seconds: { type: 'string', default: '3' } },
})
const started = performance.now()
const end = started + Number(values.seconds) * 1000
const counts = { requests: 0, errors: 0 }

function isAsAgreed(socket: TLSSocket): boolean {
  const key = socket.getEphemeralKeyInfo()
  return socket.getProtocol() === 'TLSv1.3' && !socket.isSessionReused() && key !== null && 'name' in key && key.name === 'X25519'
}

async function shakeHands(): Promise<void> {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(values.port),
    servername: 'h0.bench.test',
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.3',
    // Proxies with a newer OpenSSL would agree on a hybrid key exchange, which costs more and is not what is compared.
    ecdhCurve: 'X25519',
    sigalgs: 'ecdsa_secp256r1_sha256',
    rejectUnauthorized: false,
  })
  try {
    await once(socket, 'secureConnect')
    if (isAsAgreed(socket)) counts.requests += 1
    else counts.errors += 1
    socket.resume()
    socket.end()
    await once(socket, 'close')
  } catch {
    counts.errors += 1
  } finally {
    socket.destroy()
  }
}

async function lane(): Promise<void> {
  while (performance.now() < end) await shakeHands()
}

await Promise.all(Array.from({ length: Number(values.atOnce) }, lane))
process.stdout.write(JSON.stringify({ ...counts, seconds: (performance.now() - started) / 1000 }))
