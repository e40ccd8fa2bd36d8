/** The grpc mode of health checks: `grpc.health.v1.Health/Check` for a service, which must answer SERVING. */
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { TlsSettings } from '../generation/tls-settings.ts'
import { checkAddress } from './check-url.ts'
import { type CheckRequest, withSession } from './http-check.ts'

/** Longest answer that is read, in bytes. */
const answerBytesMax = 16_384

/** Names of `HealthCheckResponse.ServingStatus`. */
const servingStatus = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** Checks a server once; rejects with an Error that says what is wrong. */
export async function checkGrpc({ url: serverUrl, check, transport, signal }: CheckRequest): Promise<void> {
  // The method's name is the path.
  const { url, socketPath } = checkAddress(serverUrl, { ...check, path: '' })
  if (socketPath !== null) throw new Error('grpc checks need a host and port')
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const tls = url.protocol === 'https:' ? { ...new TlsSettings(transport).optionsFor(hostname), ALPNProtocols: ['h2'] } : {}
  const message = await withSession(connect(url.origin, tls), signal, (session, resolve: (message: Buffer) => void, reject) => {
    receive(openCall(session, check.hostname === '' ? url.host : check.hostname, check.service), resolve, reject)
  })
  const status = decodeServingStatus(message)
  if (status !== 1) throw new Error(`gRPC health status ${servingStatus[status] ?? status}, expected SERVING`)
}

function openCall(session: ClientHttp2Session, authority: string, service: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    ':authority': authority,
    'content-type': 'application/grpc',
    'te': 'trailers',
    'user-agent': 'tidegate',
  })
  stream.end(checkMessage(service))
  return stream
}

/** A length-prefixed `HealthCheckRequest`, not compressed: field 1 is the service's name, absent for the server as a whole. */
function checkMessage(service: string): Buffer {
  const name = Buffer.from(service)
  const lengths: number[] = []
  for (let left = name.length; name.length > 0; left >>>= 7) {
    lengths.push(left > 0x7f ? (left & 0x7f) | 0x80 : left)
    if (left <= 0x7f) break
  }
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...lengths]), name])
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function receive(stream: ClientHttp2Stream, resolve: (message: Buffer) => void, reject: (cause: unknown) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  let status = 0
  let grpcStatus: string | undefined
  let grpcMessage = ''
  const take = (headers: Readonly<Record<string, unknown>>): void => {
    if (typeof headers['grpc-status'] === 'string') grpcStatus = headers['grpc-status']
    if (typeof headers['grpc-message'] === 'string') grpcMessage = headers['grpc-message'].slice(0, 200)
  }
  stream.on('response', (headers) => {
    status = headers[':status'] ?? 0
    take(headers)
  })
  stream.on('trailers', take)
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > answerBytesMax) reject(new Error(`gRPC answer is longer than ${answerBytesMax} bytes`))
    else chunks.push(chunk)
  })
  stream.on('error', reject)
  stream.on('close', () => {
    if (status !== 200) reject(new Error(`status ${status} instead of a gRPC answer`))
    else if (grpcStatus !== '0') reject(new Error(`gRPC status ${grpcStatus ?? 'missing'}${grpcMessage === '' ? '' : ` (${grpcMessage})`}`))
    else resolve(Buffer.concat(chunks))
  })
}

/** Reads `HealthCheckResponse.status` out of one length-prefixed message; an absent field is 0. Throws when the bytes are no such message. */
export function decodeServingStatus(framed: Buffer): number {
  if (framed.length < 5 || framed[0] !== 0 || framed.readUInt32BE(1) !== framed.length - 5)
    throw new Error('the gRPC answer is no single plain message')
  const message = framed.subarray(5)
  let status = 0
  let at = 0
  while (at < message.length) {
    const tag = varint(message, at)
    at = tag.next
    const kind = tag.value & 7
    if (kind === 0) {
      const value = varint(message, at)
      at = value.next
      if (tag.value >>> 3 === 1) status = value.value
    } else if (kind === 2) {
      const length = varint(message, at)
      at = length.next + length.value
    } else if (kind === 1 || kind === 5) {
      at += kind === 1 ? 8 : 4
    } else {
      throw new Error('the gRPC answer cannot be read')
    }
  }
  if (at !== message.length) throw new Error('the gRPC answer is cut')
  return status
}

/** A protobuf varint; bits beyond the 32nd are dropped. */
function varint(bytes: Buffer, from: number): { value: number; next: number } {
  let value = 0
  for (let at = from; at < from + 10; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) break
    const shift = 7 * (at - from)
    if (shift < 32) value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value: value >>> 0, next: at + 1 }
  }
  throw new Error('the gRPC answer is cut')
}
