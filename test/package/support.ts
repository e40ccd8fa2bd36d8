/** Runs what was built or packed as a user would: in an empty folder, with configuration files, asked over HTTP. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../golden/ports.ts'

/** An empty folder that goes with the test. */
export function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-package-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function routing(url: string, path: string): string {
  return `http:
  routers:
    r:
      rule: Path(\`${path}\`)
      service: s
  services:
    s:
      loadBalancer:
        servers:
          - url: ${url}
`
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0 // Not listening yet.
  }
}

/** Asks until the status is as wanted, or time is up; gives the last one. */
async function untilStatus(url: string, wanted: number): Promise<number> {
  const end = performance.now() + 20_000
  let status = await statusOf(url)
  while (status !== wanted && performance.now() < end) {
    await sleep(50)
    status = await statusOf(url)
  }
  return status
}

/** What a smoke run saw. */
export interface Smoke {
  readonly first: number
  readonly afterReload: number
  readonly removed: number
  readonly exitCode: number | null
}

/** Starts a command with two workers, sends a request, changes the routing, sends another, ends it. */
export async function smokeRun(t: TestContext, command: string, env: Readonly<Record<string, string>>): Promise<Smoke> {
  const folder = emptyFolder(t)
  const backend = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  t.after(() => {
    backend.close()
    backend.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  const web = `http://127.0.0.1:${await freePort()}`
  const install = {
    workers: 2,
    entryPoints: { web: { address: web.slice('http://'.length) } },
    providers: { file: { filename: join(folder, 'routing.yml') } },
  }
  writeFileSync(join(folder, 'tidegate.yml'), JSON.stringify(install))
  writeFileSync(join(folder, 'routing.yml'), routing(url, '/first'))

  const child = spawn(command, [`--configFile=${join(folder, 'tidegate.yml')}`], { cwd: folder, env, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  const first = await untilStatus(`${web}/first`, 200)
  writeFileSync(join(folder, 'next'), routing(url, '/second'))
  renameSync(join(folder, 'next'), join(folder, 'routing.yml'))
  const afterReload = await untilStatus(`${web}/second`, 200)
  const removed = await untilStatus(`${web}/first`, 404)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const [exitCode]: unknown[] = await exited
  return { first, afterReload, removed, exitCode: typeof exitCode === 'number' ? exitCode : null }
}
