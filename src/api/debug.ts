/**
 * What `api.debug` adds: numbers about the process at `/debug/vars`, and profiles of its threads below `/debug/pprof/`. Names and paths are
 * Traefik's; the contents are V8's, since those are what its tools read: CPU profiles and heap snapshots open in the browser's developer tools.
 */
import { getHeapStatistics, type HeapInfo } from 'node:v8'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import type { Profiled } from '../runtime/profiling.ts'
import { refusal } from './caller.ts'
import { jsonError, textError } from './responses.ts'

/** What is profiled. */
export interface DebugContext {
  /** The command line, with its program. */
  readonly commandLine: readonly string[]
  /** Threads of the process; the main one first. */
  readonly threads: () => readonly Profiled[]
}

/** Longest CPU profile, in seconds. */
const profileSecondsMax = 60
const profileSecondsDefault = 30

/** The pages below `/debug/`. */
export class DebugPages {
  readonly #context: DebugContext
  /** One profile at a time: they slow down what they look at. */
  #busy = false

  constructor(context: DebugContext) {
    this.#context = context
  }

  /** What answers a request for a path below `/debug/`; null when nothing is there. */
  find(path: string, request: ControlRequest): (() => Promise<ControlResponse>) | null {
    const context = this.#context
    switch (path) {
      case 'vars':
        return () => variables(context)
      case 'pprof/':
        return async () => index(context)
      case 'pprof/cmdline':
        return async () => ({ ...textError(200, ''), body: maskedCommandLine(context.commandLine).join('\u0000') })
      case 'pprof/profile':
        return () => this.#guarded(request, () => cpuProfile(request, context))
      case 'pprof/heap':
        return () => this.#guarded(request, () => heapSnapshot(request, context))
      default:
        return null
    }
  }

  /** Profiles hold what the memory holds and slow the process down, so not everybody who may read may have them. */
  async #guarded(request: ControlRequest, make: () => Promise<ControlResponse>): Promise<ControlResponse> {
    const refused = refusal(request, 'a profile')
    if (refused !== null) return jsonError(403, refused)
    if (this.#busy) return jsonError(429, 'another profile is being made')
    this.#busy = true
    try {
      return await make()
    } catch (cause) {
      return jsonError(500, cause instanceof Error ? cause.message : String(cause))
    } finally {
      this.#busy = false
    }
  }
}

/** The command line without values: they may hold secrets. */
export function maskedCommandLine(commandLine: readonly string[]): string[] {
  return commandLine.map((argument, at) => {
    const value = argument.indexOf('=')
    if (argument.startsWith('-')) return value < 0 ? argument : `${argument.slice(0, value)}=xxxx`
    return at > 0 && commandLine[at - 1]?.startsWith('-') === true ? 'xxxx' : argument
  })
}

/** Memory under the names that Go's `expvar` uses, as far as they have a meaning here, and each thread's own. */
async function variables({ commandLine, threads }: DebugContext): Promise<ControlResponse> {
  const { rss, external, arrayBuffers } = process.memoryUsage()
  const heap = getHeapStatistics()
  const shown = {
    cmdline: maskedCommandLine(commandLine),
    memstats: {
      Alloc: heap.used_heap_size,
      Sys: rss,
      HeapAlloc: heap.used_heap_size,
      HeapSys: heap.total_heap_size,
      HeapIdle: heap.total_heap_size - heap.used_heap_size,
      HeapInuse: heap.used_heap_size,
      OtherSys: external,
    },
    arrayBuffers,
    uptimeSeconds: Math.round(process.uptime()),
    resources: process.resourceUsage(),
    threads: await Promise.all(threads().map(async (thread) => ({ name: thread.name, heap: shownHeap(await thread.heapStatistics()) }))),
  }
  return { status: 200, headers: [['Content-Type', 'application/json; charset=utf-8']], body: `${JSON.stringify(shown)}\n` }
}

function shownHeap(heap: HeapInfo): Readonly<Record<string, number>> {
  return { used: heap.used_heap_size, total: heap.total_heap_size, limit: heap.heap_size_limit, external: heap.external_memory }
}

function index({ threads }: DebugContext): ControlResponse {
  const rows = threads().map(
    ({ name }, number) =>
      `<li>${name}: <a href="profile?thread=${number}&amp;seconds=10">CPU profile of 10 s</a>, <a href="heap?thread=${number}">heap snapshot</a></li>`,
  )
  const body = `<!doctype html>
<html lang="en">
<title>/debug/pprof/</title>
<h1>Profiles</h1>
<p>They open in the developer tools of browsers. Asking for one needs authentication, or a request from this machine.</p>
<ul>
${rows.join('\n')}
<li><a href="cmdline">command line</a></li>
<li><a href="../vars">variables</a></li>
</ul>
</html>
`
  const headers: ControlResponse['headers'] = [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ]
  return { status: 200, headers, body }
}

async function cpuProfile(request: ControlRequest, context: DebugContext): Promise<ControlResponse> {
  const query = new URLSearchParams(request.query)
  const seconds = Number(query.get('seconds') ?? profileSecondsDefault)
  if (!(seconds > 0 && seconds <= profileSecondsMax)) return jsonError(400, `seconds: must be above 0 and at most ${profileSecondsMax}`)
  const thread = threadOf(query, context)
  if (typeof thread === 'string') return jsonError(400, thread)
  return attachment('profile.cpuprofile', await thread.cpuProfile(seconds * 1000))
}

async function heapSnapshot(request: ControlRequest, context: DebugContext): Promise<ControlResponse> {
  const thread = threadOf(new URLSearchParams(request.query), context)
  return typeof thread === 'string' ? jsonError(400, thread) : attachment('heap.heapsnapshot', await thread.heapSnapshot())
}

/** The thread that is asked for by its number; without one the first worker, since the work is there. */
function threadOf(query: URLSearchParams, context: DebugContext): Profiled | string {
  const threads = context.threads()
  const number = query.get('thread')
  const thread = number === null ? (threads[1] ?? threads[0]) : threads[/^\d{1,4}$/.test(number) ? Number(number) : -1]
  return thread ?? `thread: there are 0 to ${threads.length - 1}`
}

function attachment(name: string, body: string | Uint8Array): ControlResponse {
  const headers: ControlResponse['headers'] = [
    ['Content-Type', 'application/json'],
    ['Content-Disposition', `attachment; filename=${name}`],
  ]
  return { status: 200, headers, body }
}
