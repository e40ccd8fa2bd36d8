/** The http mode of health checks: one request, its status decides. */
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http'
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import type { TransportPlan } from '../generation/plan.ts'
import { TlsSettings } from '../generation/tls-settings.ts'
import { inStatusRanges } from '../std/status-ranges.ts'
import { type CheckAddress, checkAddress } from './check-url.ts'
import type { HealthCheck } from './targets.ts'

/** One check to be made. */
export interface CheckRequest {
  /** Of the server, as configured. */
  readonly url: string
  readonly check: HealthCheck
  readonly transport: TransportPlan
  /** Gives the check up. */
  readonly signal: AbortSignal
  readonly proxyEnv?: Readonly<Record<string, string | undefined>> | undefined
}

/** Bytes of a body that are looked at. */
const bodyBytesMax = 65_536

/** Redirects that are followed before a check has failed. */
const redirectsMax = 10

interface Hop extends CheckAddress {
  readonly method: string
  /** '' for the host of the URL. */
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  /** Beginning of the body, if anybody asks for it. */
  readonly body: Buffer
  readonly location: string | undefined
}

/** Checks a server once; rejects with an Error that says what is wrong. */
export async function checkHttp(request: CheckRequest): Promise<void> {
  const { check } = request
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(check.method)) throw new Error(`"${check.method}" is no method`)
  let hop: Hop = { ...checkAddress(request.url, check), method: check.method, host: check.hostname, headers: check.headers }
  for (let redirects = 0; ; redirects += 1) {
    const answer = await (hop.h2c ? askHttp2(hop, request) : askHttp1(hop, request))
    const next = check.followRedirects ? redirected(hop, answer) : null
    if (next === null) {
      judge(answer, check)
      return
    }
    if (redirects >= redirectsMax) throw new Error(`stopped after ${redirectsMax} redirects`)
    hop = next
  }
}

function judge({ status, body }: Answer, check: HealthCheck): void {
  const { status: wanted, statuses } = check
  const isWell = statuses.length > 0 ? inStatusRanges(statuses, status) : wanted === 0 ? status >= 200 && status < 400 : status === wanted
  if (!isWell) {
    const expected =
      statuses.length > 0
        ? statuses.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ')
        : wanted === 0
          ? '200 to 399'
          : wanted
    throw new Error(`status ${status}, expected ${expected}`)
  }
  if (check.body !== '' && !body.includes(Buffer.from(check.body)))
    throw new Error(`the answer does not contain ${JSON.stringify(check.body)}`)
}

/** Where an answer redirects to; null when it does not. */
function redirected(hop: Hop, { status, location }: Answer): Hop | null {
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return null
  const url = URL.parse(location, hop.url)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new Error(`redirect to "${location}" cannot be followed`)
  const same = url.origin === hop.url.origin
  // RFC 9110 §15.4: only 307 and 308 keep the method, but HEAD stays HEAD.
  const keeps = status === 307 || status === 308 || hop.method === 'HEAD'
  return {
    url,
    h2c: hop.h2c && same,
    socketPath: same ? hop.socketPath : null,
    method: keeps ? hop.method : 'GET',
    host: same ? hop.host : '',
    headers: same ? hop.headers : withoutCredentials(hop.headers),
  }
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['authorization', 'cookie', 'www-authenticate'].includes(name.toLowerCase())),
  )
}

/** The fields to send. A Host among them is not meant: that is what `hostname` is for. */
function fieldsOf(hop: Hop): Record<string, string> {
  const fields: Record<string, string> = { 'User-Agent': 'tidegate' }
  for (const [name, value] of Object.entries(hop.headers)) {
    const key = name.toLowerCase()
    if (key === 'user-agent') delete fields['User-Agent']
    if (key !== 'host' && key !== 'connection' && key !== 'content-length' && key !== 'transfer-encoding') fields[name] = value
  }
  return fields
}

/** Servers on this machine are never asked through a proxy, as Go has it. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function askHttp1(hop: Hop, { check, transport, signal, proxyEnv }: CheckRequest): Promise<Answer> {
  const { url, socketPath } = hop
  const secure = url.protocol === 'https:'
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const tls = secure ? new TlsSettings(transport).optionsFor(hostname) : {}
  // One connection for one check: a server that accepts nothing new must not pass on an old connection.
  const agentOptions = { keepAlive: false, ...(proxyEnv === undefined || isLoopback(hostname) ? {} : { proxyEnv }) }
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const options: RequestOptions = {
    ...(socketPath === null ? { hostname, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) } : { socketPath }),
    ...tls,
    agent,
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { ...fieldsOf(hop), Host: hop.host === '' ? url.host : hop.host },
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent: ClientRequest = secure ? httpsRequest(options) : httpRequest(options)
  // Node turns methods into upper case when a request is made, but sends what stands there at the end.
  sent.method = hop.method
  sent.on('response', (response) => {
    const { statusCode = 0, headers } = response
    response.on('error', () => {})
    readBody(response, check.body !== '', (body) => {
      response.destroy()
      resolve({ status: statusCode, location: headers.location, body })
    })
  })
  sent.on('error', reject)
  sent.on('close', () => {
    agent.destroy()
    reject(new Error('closed without an answer'))
  })
  sent.end()
  return promise
}

function askHttp2(hop: Hop, { check, signal }: CheckRequest): Promise<Answer> {
  const fields: OutgoingHttpHeaders = Object.fromEntries(Object.entries(fieldsOf(hop)).map(([name, value]) => [name.toLowerCase(), value]))
  return withSession(connect(hop.url.origin), signal, (session, resolve: (answer: Answer) => void, reject) => {
    const { url, method, host } = hop
    const stream = session.request({
      ...fields,
      ':method': method,
      ':path': `${url.pathname}${url.search}`,
      ':authority': host === '' ? url.host : host,
    })
    stream.on('response', (headers) =>
      readBody(stream, check.body !== '', (body) => resolve({ status: headers[':status'] ?? 0, location: headers.location, body })),
    )
    stream.on('error', reject)
    stream.on('close', () => reject(new Error('closed without an answer')))
    stream.end()
  })
}

/** Hands over the beginning of a body once it is there, as far as it is wanted. */
function readBody(source: Readable, isWanted: boolean, done: (body: Buffer) => void): void {
  if (!isWanted) {
    done(Buffer.alloc(0))
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  const finish = (): void => done(Buffer.concat(chunks).subarray(0, bodyBytesMax))
  source.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= bodyBytesMax) finish()
  })
  source.on('end', finish)
}

/** Runs one exchange on a session of its own, which is gone afterwards. */
export async function withSession<T>(
  session: ClientHttp2Session,
  signal: AbortSignal,
  run: (session: ClientHttp2Session, resolve: (value: T) => void, reject: (cause: unknown) => void) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const giveUp = (): void => reject(signal.reason)
  session.on('error', reject)
  session.on('close', () => reject(new Error('closed without an answer')))
  signal.addEventListener('abort', giveUp)
  try {
    run(session, resolve, reject)
    return await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
    session.destroy()
  }
}
