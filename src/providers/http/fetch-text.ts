/** Gets a text by HTTP, bounded in time and size. Redirects are not followed: whoever answers must not choose which address is asked (SSRF). */
import { existsSync, readFileSync } from 'node:fs'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { type RequestOptions as TlsRequestOptions, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'

/** TLS to the server; `ca`, `cert` and `key` are files or PEM texts, '' for none. */
export interface FetchTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly insecureSkipVerify: boolean
}

/** What is asked for. */
export interface FetchRequest {
  readonly url: URL
  /** `Host` replaces the name in the URL. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: FetchTls | undefined
  /** Largest body. */
  readonly bodyBytesMax: number
  readonly signal: AbortSignal
}

/** An answer with status 200. */
export interface FetchedText {
  readonly text: string
  readonly contentType: string
}

/** Gets a text; throws an Error for any status but 200, and for a body that is too large or no UTF-8. */
export async function fetchText(request: FetchRequest): Promise<FetchedText> {
  const response = await send(request)
  try {
    const status = response.statusCode ?? 0
    if (status !== 200) throw new Error(`status ${status}${status >= 300 && status < 400 ? ', redirects are not followed' : ''}`)
    const body = await readBody(response, request.bodyBytesMax)
    return { text: decodeUtf8(body), contentType: response.headers['content-type'] ?? '' }
  } finally {
    response.destroy()
  }
}

function send(request: FetchRequest): Promise<IncomingMessage> {
  const { url, signal } = request
  const isTls = url.protocol === 'https:'
  const options: RequestOptions = { method: 'GET', agent: false, signal, headers: requestHeaders(request) }
  return new Promise((resolve, reject) => {
    const sent = isTls ? requestHttps(url, { ...options, ...tlsOptions(url, request.tls) }, resolve) : requestHttp(url, options, resolve)
    sent.on('error', reject)
    sent.end()
  })
}

function requestHeaders({ url, headers }: FetchRequest): Record<string, string> {
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  const userinfo =
    url.username === '' && url.password === '' ? '' : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const own: Record<string, string> = names.includes('host') ? {} : { Host: url.host }
  if (userinfo !== '' && !names.includes('authorization')) own['Authorization'] = `Basic ${Buffer.from(userinfo).toString('base64')}`
  if (!names.includes('user-agent')) own['User-Agent'] = 'tidegate'
  return { ...own, ...headers, Connection: 'close' }
}

function tlsOptions(url: URL, tls: FetchTls | undefined): TlsRequestOptions {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  // Node would take the name of the Host header.
  const options: TlsRequestOptions = { servername: isIP(name) === 0 ? name : '' }
  if (tls === undefined) return options
  if (tls.ca !== '') options.ca = fileOrContent(tls.ca)
  if (tls.cert !== '') options.cert = fileOrContent(tls.cert)
  if (tls.key !== '') options.key = fileOrContent(tls.key)
  if (tls.insecureSkipVerify) options.rejectUnauthorized = false
  return options
}

function fileOrContent(value: string): string {
  return value.includes('\n') || !existsSync(value) ? value : readFileSync(value, 'utf8')
}

async function readBody(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const declared = Number(response.headers['content-length'] ?? 0)
  const chunks: Buffer[] = []
  let size = 0
  if (declared > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`)
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the answer holds no bytes')
    size += chunk.length
    if (size > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new Error('the answer is not UTF-8', { cause })
  }
}
