/** `tidegate`: runs the router until it is asked to stop. */
import { App } from '../app.ts'
import type { LoadedInstall } from '../config/sources/load-install.ts'
import { watchInstall } from '../config/sources/watch-install.ts'
import { loadFrom } from './install-source.ts'
import { notifySystemd } from './systemd.ts'

/** Runs the router; resolves with the exit code after it went down. */
export async function run(args: readonly string[], hooks: { onStarted?(app: App): void; onStopped?(): void } = {}): Promise<number> {
  let newest: LoadedInstall | null = null
  const load = (): LoadedInstall => (newest = loadFrom(args))
  let app: App
  try {
    app = await App.start({ load, env: process.env })
  } catch (cause) {
    process.stderr.write(`tidegate: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  }
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
  process.on('SIGHUP', () => void app.hangUp())
  process.on('SIGUSR1', () => app.reopenLogs())
  const watching = watchInstall(
    () => newest,
    () => void app.reload('file'),
  )
  const systemd = notifySystemd(process.env)
  hooks.onStarted?.(app)
  await stopped
  // A second signal means now.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1))
  watching.close()
  systemd.stopping()
  await app.stop()
  hooks.onStopped?.()
  return 0
}
