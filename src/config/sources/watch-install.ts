/** Watches the install file of a running router. */
import { type Clock, systemClock } from '../../std/clock.ts'
import { FileWatch } from '../../std/file-watch.ts'

/** Stops watching when closed. */
export interface InstallWatch {
  close(): void
}

/** The part of a loaded install configuration that watching needs. */
export interface Watched {
  readonly file: string | undefined
  readonly install: { readonly watchInstall: boolean }
}

/** Calls `onChange` when the file of the newest configuration has changed, unless `watchInstall` is off by then. */
export function watchInstall(newest: () => Watched | null, onChange: () => void, clock: Clock = systemClock): InstallWatch {
  const file = newest()?.file
  if (file === undefined) return { close: () => {} }
  return new FileWatch({
    paths: [file],
    clock,
    onChange: () => {
      if (newest()?.install.watchInstall !== false) onChange()
    },
  })
}
