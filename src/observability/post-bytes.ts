/** Sends bytes to a collector by HTTP. */
import { existsSync, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'

/** A message to a collector. */
export interface PostInput {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly timeoutMs: number
  readonly tls: ClientTlsFiles | undefined
}

/** TLS options of a connection to a collector, as configured. */
export interface ClientTlsFiles {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly insecureSkipVerify: boolean
}

/** Bytes of an answer that are read for the error's text. */
const answerBytesMax = 4096

/** Resolves when the collector has taken the message (2xx); rejects with its answer otherwise. */
export function postBytes({ url, headers, body, timeoutMs, tls }: PostInput): Promise<void> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:'
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.length },
      timeout: timeoutMs,
      ...(isSecure ? tlsOptions(tls) : {}),
    }
    const sent = (isSecure ? httpsRequest : httpRequest)(url, options, (answer) => {
      let text = ''
      answer.setEncoding('latin1')
      answer.on('data', (chunk: string) => {
        if (text.length < answerBytesMax) text += chunk
      })
      answer.on('error', reject)
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Error(`${url.origin}${url.pathname}: ${status} ${text.slice(0, 200).trim()}`))
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`${url.origin}: no answer within ${timeoutMs} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Options of `node:tls`; files are read anew each time, so that renewed certificates count. */
export function tlsOptions(tls: ClientTlsFiles | undefined): {
  ca?: string
  cert?: string
  key?: string
  rejectUnauthorized?: boolean
} {
  if (tls === undefined) return {}
  return {
    ...(tls.ca === '' ? {} : { ca: fileOrContent(tls.ca) }),
    ...(tls.cert === '' ? {} : { cert: fileOrContent(tls.cert) }),
    ...(tls.key === '' ? {} : { key: fileOrContent(tls.key) }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  }
}

/** The content of the file by that name, or the text itself. */
export function fileOrContent(value: string): string {
  return value !== '' && !value.includes('\n') && existsSync(value) ? readFileSync(value, 'utf8') : value
}
