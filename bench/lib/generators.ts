/** Loads by other generators than wrk: HTTP/2, TLS handshakes, long transfers, datagrams. */
import { join } from 'node:path'
import process from 'node:process'
import { type Load, type LoadResult, runGenerator } from './load.ts'

const loadFolder = join(import.meta.dirname, '..', 'load')

/** Load by h2load: so many connections, each with so many requests at a time. */
export function h2load(options: { readonly url: string; readonly connections: number; readonly streams: number }): Load {
  return async (seconds) => {
    const output = await runGenerator(['h2load', '-t1', `-c${options.connections}`, `-m${options.streams}`, `-D${seconds}`, options.url])
    const total = /requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(output)
    if (!total || !output.includes('Application protocol: h2')) throw new Error(`h2load said:\n${output}`)
    const [done, succeeded, failed, errored, timedOut] = total.slice(1).map(Number)
    // What is under way when time is up counts as started and never as done.
    return { requests: succeeded ?? 0, seconds, errors: (done ?? 0) - (succeeded ?? 0) + (failed ?? 0) + (errored ?? 0) + (timedOut ?? 0) }
  }
}

/** Full handshakes of TLS 1.3, so many at a time, each on a connection of its own that ends behind it. */
export function handshakes(options: { readonly port: number; readonly atOnce: number }): Load {
  return (seconds) => runOwn('handshakes.ts', { ...options, seconds })
}

/** Transfers of a long body one after the other on connections of their own; begun until time is up. */
export function transfers(options: { readonly url: string; readonly bytes: number }): Load {
  return async (seconds) => {
    const taken = { requests: 0, seconds: 0, errors: 0 }
    while (taken.seconds < seconds) {
      const command = ['curl', '--silent', '--output', '/dev/null', '--write-out', '%{http_code} %{size_download} %{time_total}']
      const [status, bytes, time] = (await runGenerator([...command, options.url])).split(' ').map(Number)
      if (status !== 200 || bytes !== options.bytes) throw new Error(`${options.url}: status ${status}, ${bytes} bytes`)
      taken.requests += 1
      taken.seconds += time ?? 0
    }
    return taken
  }
}

/** What came back of datagrams that were sent. */
export interface DatagramResult extends LoadResult {
  readonly sent: number
}

/** Datagrams at a steady rate from several clients to a server that sends each one back; `requests` are those that came back. */
export async function datagrams(options: {
  readonly port: number
  readonly perSecond: number
  readonly bytes: number
  readonly clients: number
  readonly seconds: number
}): Promise<DatagramResult> {
  const result = await runOwn('datagrams.ts', options)
  if (!('sent' in result) || typeof result.sent !== 'number') throw new Error(`datagrams.ts: ${JSON.stringify(result)}`)
  return { ...result, sent: result.sent }
}

async function runOwn(file: string, options: Readonly<Record<string, number>>): Promise<LoadResult> {
  const parameters = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  const output = await runGenerator([process.execPath, join(loadFolder, file), ...parameters])
  const result: unknown = output.startsWith('{') ? JSON.parse(output) : null
  if (!isResult(result)) throw new Error(`${file} said:\n${output}`)
  return result
}

function isResult(value: unknown): value is LoadResult {
  return typeof value === 'object' && value !== null && 'requests' in value && 'seconds' in value && 'errors' in value
}
