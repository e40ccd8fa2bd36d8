/**
 * What the HTTP/1.1 engine and its transports cost by themselves: a server that answers at once, on handles and on sockets, beside nginx that
 * answers at once. Small answers with a few request headers, and bodies of a megabyte.
 *
 *     node bench/prototype-http1.ts [seconds] [rounds]
 *     node bench/prototype-http1.ts serve <port>        the server alone, for profiles
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Exchange } from '../src/proxy/http/exchange.ts'
import { respondText } from '../src/proxy/http/respond.ts'
import { defaultHttp1Limits } from '../src/proxy/http1/limits.ts'
import { serveHttp1 } from '../src/proxy/http1/server-connection.ts'
import { acceptTransport } from '../src/proxy/transport/choose.ts'
import { systemClock } from '../src/std/clock.ts'
import { TimerWheel } from '../src/std/timer-wheel.ts'
import { compare, type Subject } from './lib/interleaved.ts'
import { cores, findProgram, start, waitForPort } from './lib/processes.ts'
import { wrk } from './lib/wrk.ts'

const text = 'Hello from the server, 33 bytes.\n'

function handle(exchange: Exchange): void {
  exchange.responseHeaders.add('Content-Type', 'text/plain')
  respondText(exchange, 200, text, null)
}

function serve(port: number): void {
  const options = {
    entryPoint: 'web',
    limits: defaultHttp1Limits,
    timeouts: { headMs: 60_000, bodyIdleMs: 60_000, totalMs: 0, writeMs: 0, idleMs: 180_000 },
    keepAliveMaxRequests: 0,
    keepAliveMaxTimeMs: 0,
    wheel: new TimerWheel(systemClock),
    handler: () => handle,
    onClose: () => {},
  }
  createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    const facts = { remoteIp: '127.0.0.1', remotePort: socket.remotePort ?? 0, localIp: '127.0.0.1', localPort: port, tls: null }
    serveHttp1(acceptTransport(socket), facts, options)
  }).listen(port, '127.0.0.1')
  process.on('SIGTERM', () => process.exit(0))
}

function nginxConfig(folder: string, port: number): string {
  return `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; tcp_nodelay on; client_body_temp_path ${folder};
  server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "${text.trim()} "; } } }
`
}

async function run(seconds: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'prototype-http1-'))
  const command = [process.execPath, import.meta.filename, 'serve']
  const nginx = findProgram('nginx')
  const subjects: Subject[] = []
  const add = async (name: string, port: number, line: readonly string[], env: Record<string, string> = {}): Promise<void> => {
    const measured = start(name, { folder, core: cores.proxy, command: line, env })
    await waitForPort(measured, port)
    subjects.push({ name, process: measured, load: wrk({ url: `http://127.0.0.1:${port}/some/path?and=query`, connections: 64 }) })
  }
  if (nginx !== undefined) {
    writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, 28_180))
    await add('nginx', 28_180, [nginx, '-c', join(folder, 'nginx.conf')])
  }
  await add('handles', 28_181, [...command, '28181'])
  await add('sockets', 28_182, [...command, '28182'], { TIDEGATE_TRANSPORT: 'socket' })
  try {
    for (const row of await compare('answers by itself', subjects, { rounds, seconds })) {
      const { user, system } = row.details ?? {}
      const parts = `user ${Number(user).toFixed(2)}, system ${Number(system).toFixed(2)}`
      console.log(`${row.subject.padEnd(8)} ${row.value.toFixed(2)} µs (${parts})  × ${(row.ratio ?? 1).toFixed(2)}`)
    }
  } finally {
    for (const subject of subjects) process.kill(subject.process.pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'serve') serve(Number(process.argv[3]))
else await run(Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 3))
