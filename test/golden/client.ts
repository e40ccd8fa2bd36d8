/** What clients do: HTTP/1.1, HTTP/2, TCP and UDP exchanges, each giving a result as the recordings hold it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { pick, splitLines } from './compare.ts'
import { connect, failure, tlsFacts } from './connect.ts'
import type { Http2Spec, Json, RequestSpec, Result, TcpSpec, UdpSpec } from './format.ts'
import { exchangeHttp2 } from './http2-client.ts'
import { parseJson } from './json.ts'
import { headerPairs, ReadTimeoutError, SocketReader } from './reader.ts'
import type { HeaderPair } from './reader.ts'
import { shorten } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Cookies that a case keeps between its steps. */
export type CookieJar = Map<string, string>

const defaultTimeoutS = 5

/** Sends what a step says and reads the answer. */
export async function requestHttp(step: RequestSpec, workspace: Workspace, jar: CookieJar | undefined): Promise<Result> {
  const { method, bytes } = requestBytes(step, workspace, jar)
  let socket: Socket
  try {
    socket = await connect(step, workspace)
  } catch (error) {
    const result = failure(error)
    return 'timeout' in result ? { failed: 'connection' } : result
  }
  const result: Result = {}
  try {
    const facts = tlsFacts(socket)
    if (facts !== undefined) result['tls'] = facts
    const reader = new SocketReader(socket, (step.timeout ?? defaultTimeoutS) * 1000)
    socket.write(bytes)
    if (step.halfClose === true) socket.end()
    await readAnswer(result, { step, method, reader, socket, workspace, jar })
  } catch (error) {
    Object.assign(result, failure(error))
  } finally {
    socket.destroy()
  }
  return result
}

function requestBytes(step: RequestSpec, workspace: Workspace, jar: CookieJar | undefined): { method: string; bytes: Buffer } {
  if (step.raw !== undefined) return { method: step.raw.split(' ', 1)[0] ?? '', bytes: Buffer.from(workspace.fillText(step.raw), 'latin1') }
  const text = workspace.fillText(step.request ?? '')
  const blank = text.indexOf('\n\n')
  const lines = (blank < 0 ? text : text.slice(0, blank)).replace(/\n+$/, '').split('\n')
  const names = lines.slice(1).map((line) => line.split(':')[0]?.toLowerCase() ?? '')
  if (jar && jar.size > 0) lines.push(`Cookie: ${[...jar].map(([name, value]) => `${name}=${value}`).join('; ')}`)
  let body = blank < 0 ? '' : text.slice(blank + 2)
  if (step.bodySize !== undefined) body = 'abcdefghij'.repeat(step.bodySize / 10 + 1).slice(0, step.bodySize)
  if (body !== '' && !names.includes('content-length') && !names.includes('transfer-encoding')) lines.push(`Content-Length: ${body.length}`)
  if (!names.includes('connection')) lines.push('Connection: close')
  return { method: lines[0]?.split(' ', 1)[0] ?? '', bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1') }
}

interface Exchange {
  readonly step: RequestSpec
  readonly method: string
  readonly reader: SocketReader
  readonly socket: Socket
  readonly workspace: Workspace
  readonly jar: CookieJar | undefined
}

async function readAnswer(result: Result, exchange: Exchange): Promise<void> {
  const { reader, socket, workspace } = exchange
  const informational: Json[] = []
  for (;;) {
    const head = await reader.head()
    if (head === undefined) {
      result['closed'] = true
      return
    }
    const status = Number(head[0]?.split(' ')[1])
    const headers = headerPairs(head.slice(1))
    if (status < 200 && status !== 101) {
      informational.push([status, workspace.tidyHeaders(headers)])
      result['informational'] = informational
      continue
    }
    result['status'] = status
    result['headers'] = workspace.tidyHeaders(headers)
    keepCookies(headers, exchange.jar)
    if (status === 101) {
      socket.write('ping')
      result['tunnel'] = (await reader.exact(4)).toString('latin1')
    } else if (exchange.method !== 'HEAD' && status !== 204 && status !== 304) await readBody(result, headers, exchange)
    return
  }
}

function keepCookies(headers: readonly HeaderPair[], jar: CookieJar | undefined): void {
  for (const [name, value] of headers) {
    if (!jar || name.toLowerCase() !== 'set-cookie') continue
    const equals = value.indexOf('=')
    if (equals < 0) jar.set(value, '')
    else jar.set(value.slice(0, equals), value.slice(equals + 1).split(';')[0] ?? '')
  }
}

async function readBody(result: Result, headers: readonly HeaderPair[], { step, reader, workspace }: Exchange): Promise<void> {
  const { bytes, trailers, complete } = await reader.body(headers, true)
  const body = decoded(bytes, headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1])
  const text = workspace.unfill(body.toString('latin1'))
  result['body'] = step.whole === true || text.length <= 300 ? text : shorten(body)
  if (step.grep !== undefined) {
    const wanted = new RegExp(step.grep)
    const lines = splitLines(text).filter((line) => wanted.test(line))
    const { mask } = step
    result['body'] = (mask === undefined ? lines : lines.map((line) => line.replace(new RegExp(mask, 'g'), '#'))).toSorted()
  }
  if (step.json !== undefined) {
    const document = parseJson(text)
    result['body'] = step.json === true ? document : pick(document, step.json)
  }
  if (trailers.length > 0) result['trailers'] = trailers
  if (!complete) result['incomplete'] = true
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined) return body
  if (encoding !== 'gzip') return Buffer.from(`<${encoding}>`)
  try {
    return gunzipSync(body)
  } catch {
    return body
  }
}

/** Sends bytes over TCP and takes what comes until nothing does. */
export async function exchangeTcp(step: TcpSpec, workspace: Workspace): Promise<Result> {
  let socket: Socket
  try {
    socket = await connect(step, workspace)
  } catch (error) {
    const result = failure(error)
    return 'timeout' in result ? { failed: 'connection' } : result
  }
  const result: Result = {}
  const reader = new SocketReader(socket, (step.timeout ?? 0.7) * 1000)
  const parts: Buffer[] = []
  try {
    const facts = tlsFacts(socket)
    if (facts !== undefined) result['tls'] = facts
    if (step.send !== undefined && step.send !== '') socket.write(workspace.fillText(step.send), 'latin1')
    if (step.halfClose === true) socket.end()
    try {
      for (let bytes = await reader.some(); bytes.length > 0; bytes = await reader.some()) parts.push(bytes)
      result['closed'] = true
    } catch (error) {
      if (!(error instanceof ReadTimeoutError)) throw error
    }
    result['received'] = workspace.unfill(Buffer.concat(parts).toString('latin1')).slice(0, 300)
  } catch (error) {
    failure(error)
    result['failed'] = 'connection'
  } finally {
    socket.destroy()
  }
  return result
}

/** Sends datagrams one after another, each waiting for its answer; null where none came. */
export async function exchangeUdp(step: UdpSpec, workspace: Workspace): Promise<Result> {
  const socket = createSocket('udp4')
  const received: Json[] = []
  try {
    socket.connect(workspace.port(step.to), '127.0.0.1')
    await once(socket, 'connect')
    for (let i = 0; i < (step.times ?? 1); i++) {
      socket.send(Buffer.from(workspace.fillText(step.send), 'latin1'))
      received.push(await nextDatagram(socket, (step.timeout ?? 1) * 1000))
    }
  } finally {
    socket.close()
  }
  return { received }
}

async function nextDatagram(socket: ReturnType<typeof createSocket>, timeoutMs: number): Promise<string | null> {
  try {
    const [bytes]: unknown[] = await once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) })
    return Buffer.isBuffer(bytes) ? bytes.toString('latin1') : null
  } catch {
    return null
  }
}

/** Sends one HTTP/2 request. */
export async function requestHttp2(step: Http2Spec, workspace: Workspace): Promise<Result> {
  let socket: Socket
  try {
    socket = await connect(step, workspace)
  } catch (error) {
    const result = failure(error)
    return 'timeout' in result ? { failed: 'connection' } : result
  }
  try {
    return await exchangeHttp2(socket, step, workspace)
  } catch (error) {
    return failure(error)
  } finally {
    socket.destroy()
  }
}
