/** Entry of the single executable, where the worker is an asset: an executable has no files beside it from which a thread could start. */
import { getAsset } from 'node:sea'
import { commands } from './cli/commands.ts'
import { pageSource } from './dashboard/files.ts'
import { workerSource } from './runtime/workers.ts'

// Until somebody listens, SIGUSR1 opens Node's inspector.
process.on('SIGUSR1', () => {})
// A reader that went away must not end the process.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

workerSource.text = getAsset('worker', 'utf8')
pageSource.read = (name) => new Uint8Array(getAsset(`dashboard/${name}`))

// Bundled as CommonJS, which has no await at the top.
commands(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`tidegate: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
  },
)
