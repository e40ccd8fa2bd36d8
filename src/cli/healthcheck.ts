/** `tidegate healthcheck`: asks the ping endpoint of a running router, for container runtimes. */
import { request } from 'node:http'
import { parseEntryPointAddress } from '../config/install/address.ts'
import type { InstallConfiguration } from '../config/install/install.ts'

/** Longest wait for the answer. */
const timeoutMs = 5000

/** What the command prints and ends with. */
export interface HealthcheckResult {
  readonly exitCode: 0 | 1
  readonly text: string
}

/** Sends a HEAD request and resolves with the status of the answer; rejects when there is none in time. */
export type SendHead = (url: string, timeoutMs: number) => Promise<number>

/** Asks the ping endpoint that an install configuration describes. */
export async function healthcheck(install: InstallConfiguration, sendHead: SendHead): Promise<HealthcheckResult> {
  const url = pingUrl(install)
  if ('problem' in url) return { exitCode: 1, text: `Error calling healthcheck: ${url.problem}` }
  try {
    const status = await sendHead(url.url, timeoutMs)
    return status === 200 ? { exitCode: 0, text: `OK: ${url.url}` } : { exitCode: 1, text: `Bad healthcheck status: ${status}` }
  } catch (cause) {
    return { exitCode: 1, text: `Error calling healthcheck: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
}

function pingUrl({ ping, entryPoints }: InstallConfiguration): { readonly url: string } | { readonly problem: string } {
  if (ping === undefined) return { problem: 'please enable `ping` to use health check' }
  const entryPoint = Object.hasOwn(entryPoints, ping.entryPoint) ? entryPoints[ping.entryPoint] : undefined
  if (entryPoint === undefined) return { problem: `ping: missing ${JSON.stringify(ping.entryPoint)} entry point` }
  try {
    const { host, port } = parseEntryPointAddress(entryPoint.address)
    return { url: `http://${reachable(host)}:${port}/ping` }
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** Where a listener on this host is reached from the same machine. */
function reachable(host: string): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** Sends the request over the network. */
export const sendHeadOverHttp: SendHead = (url, waitMs) => {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const signal = AbortSignal.timeout(waitMs)
  const head = request(url, { method: 'HEAD', agent: false, signal }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  head.on('error', (cause) => reject(signal.aborted ? new Error(`no answer from ${url} within ${waitMs / 1000}s`) : cause))
  head.end()
  return promise
}
