/** Load by wrk: HTTP/1.1 on connections that stay open. */
import { type Load, type LoadResult, runGenerator } from './load.ts'

/** What is asked for, and by how many connections. */
export interface WrkOptions {
  readonly url: string
  readonly connections: number
  /** A Lua script and its arguments. */
  readonly script?: string
  readonly scriptArguments?: readonly string[]
}

/** Runs wrk for so many seconds. */
export async function runWrk(options: WrkOptions & { readonly seconds: number }): Promise<LoadResult> {
  const command = ['wrk', '-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--timeout', '10s']
  if (options.script !== undefined) command.push('-s', options.script)
  command.push(options.url, ...(options.scriptArguments ? ['--', ...options.scriptArguments] : []))
  const output = await runGenerator(command)
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)\b/.exec(output)
  if (!total) throw new Error(`wrk said:\n${output}`)
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(output)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
  const errors = [failed?.[1], ...(sockets?.slice(1) ?? [])].reduce((sum, count) => sum + Number(count ?? 0), 0)
  const unit = { ms: 0.001, s: 1, m: 60 }[total[3] ?? 's'] ?? 1
  return { requests: Number(total[1]), seconds: Number(total[2]) * unit, errors }
}

/** The load of a wrk. */
export function wrk(options: WrkOptions): Load {
  return (seconds) => runWrk({ ...options, seconds })
}
