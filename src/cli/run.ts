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
  const started = Promise.withResolvers<App>()
  const stopped = untilSignal()
  // What is asked for during the start is done after it.
  const whenStarted = (act: (app: App) => unknown): void => void started.promise.then(act, () => {})
  process.on('SIGHUP', () => whenStarted((app) => app.hangUp()))
  process.on('SIGUSR1', () => whenStarted((app) => app.reopenLogs()))
  let app: App
  let watching: { close(): void }
  try {
    load()
    watching = watchInstall(
      () => newest,
      () => whenStarted((running) => running.reload('file')),
    )
    app = await App.start({ load, env: process.env })
  } catch (cause) {
    process.stderr.write(`tidegate: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  }
  started.resolve(app)
  const systemd = notifySystemd(process.env)
  hooks.onStarted?.(app)
  const exitCode = await Promise.race([stopped.then(() => 0), app.failed.then(() => 1)])
  watching.close()
  systemd.stopping()
  await app.stop()
  hooks.onStopped?.()
  return exitCode
}

/** Resolves with the first SIGTERM or SIGINT; a second one means now. */
function untilSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let signals = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      signals += 1
      if (signals > 1) process.exit(1)
      resolve()
    })
  }
  return promise
}
