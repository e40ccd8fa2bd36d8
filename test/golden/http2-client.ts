/** One HTTP/2 request over a connection that is open, with Node's own client, so that the router's engine meets another's. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Http2Spec, Result } from './format.ts'
import { ReadTimeoutError } from './reader.ts'
import type { HeaderPair } from './reader.ts'
import { shorten } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Raw headers of a block as pairs, pseudo-headers left out. */
function fields(raw: readonly string[]): HeaderPair[] {
  const out: HeaderPair[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) if (!raw[i]?.startsWith(':')) out.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return out
}

function collect(session: ClientHttp2Session, stream: ClientHttp2Stream, workspace: Workspace): { result: Result; ended: Promise<void> } {
  const result: Result = {}
  const parts: Buffer[] = []
  const ended = new Promise<void>((resolve) => {
    stream.on('response', (headers, _flags, raw: string[]) => {
      result['status'] = Number(headers[':status'])
      result['headers'] = workspace.tidyHeaders(fields(raw))
    })
    stream.on('trailers', (_headers, _flags, raw: string[]) => {
      result['trailers'] = fields(raw)
    })
    stream.on('data', (bytes: Buffer) => parts.push(bytes))
    stream.on('error', () => {})
    session.on('error', () => {})
    session.on('goaway', (code) => {
      result['goaway'] = code
      resolve()
    })
    session.on('close', () => {
      if (!stream.closed) result['closed'] = true
      resolve()
    })
    stream.on('close', () => {
      if (stream.rstCode !== 0) result['reset'] = stream.rstCode
      resolve()
    })
  }).then(() => {
    result['body'] = workspace.unfill(shorten(Buffer.concat(parts)))
  })
  return { result, ended }
}

/** A string of HPACK, short and not packed. */
function literal(text: string): Buffer {
  if (text.length > 126) throw new Error(`malformed requests have short fields, not ${text.slice(0, 40)}`)
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
}

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** Sends a request that Node's client would complete by itself, and tells how it was refused. */
async function exchangeMalformed(socket: Socket, step: Http2Spec, workspace: Workspace): Promise<Result> {
  const block = step.headers.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(workspace.fillText(value))])
  socket.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, Buffer.concat(block))]),
  )
  let bytes = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk as Buffer])
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const type = bytes[3]
        if (type === 3) return { reset: bytes.readUInt32BE(9) }
        if (type === 7) return { goaway: bytes.readUInt32BE(13) }
        if (type === 1) throw new Error('a malformed request was answered')
        bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3))
      }
    }
    return { closed: true }
  } finally {
    socket.destroy()
  }
}

/** Sends the request and gives what came back. */
export async function exchangeHttp2(socket: Socket, step: Http2Spec, workspace: Workspace): Promise<Result> {
  const names = new Set(step.headers.map(([name]) => name))
  const isConnect = step.headers.some(([name, value]) => name === ':method' && value === 'CONNECT')
  if (!names.has(':method') || (!isConnect && !names.has(':path'))) return exchangeMalformed(socket, step, workspace)
  const session = connect('http://golden.invalid', { createConnection: () => socket })
  session.on('error', () => {})
  await once(session, 'connect')
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of step.headers) {
    const filled = workspace.fillText(value)
    const before = headers[name]
    headers[name] = before === undefined ? filled : [before, filled].flat()
  }
  const body = workspace.fillText(step.body ?? '')
  const stream = session.request(headers, { endStream: body === '' })
  if (body !== '') stream.end(body, 'latin1')
  const { result, ended } = collect(session, stream, workspace)
  const timeout = AbortSignal.timeout((step.timeout ?? 5) * 1000)
  const expired = once(timeout, 'abort').then(() => {
    throw new ReadTimeoutError('no answer')
  })
  try {
    await Promise.race([ended, expired])
  } finally {
    session.destroy()
  }
  return result
}
