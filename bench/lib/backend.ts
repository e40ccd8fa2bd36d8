/** The nginx behind every proxy. It has a second port, to see a changed configuration take effect. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cores, findProgram, start, waitForPort } from './processes.ts'
import type { Measured } from './processes.ts'

/** A running backend. */
export interface Backend {
  readonly address: string
  readonly second: string
  readonly process: Measured
}

/** The size of the large bodies. */
export const largeBodyBytes: number = 10 * 1024 * 1024

/** The size of what a TCP router carries in one go. */
export const hugeBodyBytes: number = 1024 * 1024 * 1024

/** Starts the backend in a folder. */
export async function startBackend(folder: string, port: number): Promise<Backend> {
  const program = findProgram('nginx')
  if (program === undefined) throw new Error('the benchmark needs nginx as its backend')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'download'), Buffer.alloc(largeBodyBytes, '0123456789abcdef'))
  // Without content of its own: what is measured is its way through, not the disk.
  const huge = join(folder, 'huge')
  writeFileSync(huge, '')
  truncateSync(huge, hugeBodyBytes)
  const text = readFileSync(join(import.meta.dirname, '..', 'peers', 'backend.conf'), 'utf8')
  const values: Readonly<Record<string, string>> = { PORT: String(port), SECOND: String(port + 1), FOLDER: folder }
  const file = join(folder, 'backend.conf')
  writeFileSync(
    file,
    text.replace(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? ''),
  )
  const backend = start('backend', { command: [program, '-c', file], folder, core: cores.rest })
  await waitForPort(backend, port)
  return { address: `127.0.0.1:${port}`, second: `127.0.0.1:${port + 1}`, process: backend }
}
