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

/** Sends the request and gives what came back. */
export async function exchangeHttp2(socket: Socket, step: Http2Spec, workspace: Workspace): Promise<Result> {
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
