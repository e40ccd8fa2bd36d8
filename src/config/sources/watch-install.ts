/** Watches the install file, also where editors and Kubernetes replace it by renaming or by swapping a link. */
import { readFileSync, realpathSync, unwatchFile, watch, watchFile } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '../../std/clock.ts'
import type { CancelTimer, Clock } from '../../std/clock.ts'

/** How long the folder must be quiet before the file is read again. */
const quietMs = 100
/** How often the file is looked at where its folder cannot be watched. */
const pollMs = 2000

/** Stops watching when closed. */
export interface InstallWatch {
  close(): void
}

/** The part of a loaded install configuration that watching needs. */
export interface Watched {
  readonly file: string | undefined
  readonly install: { readonly watchInstall: boolean }
}

/** Calls `onChange` when the content of the newest configuration's file has changed, unless `watchInstall` is off by then. */
export function watchInstall(newest: () => Watched | null, onChange: () => void, clock: Clock = systemClock): InstallWatch {
  const file = newest()?.file
  if (file === undefined) return { close: () => {} }
  return new FileWatch(file, clock, () => {
    if (newest()?.install.watchInstall !== false) onChange()
  })
}

class FileWatch implements InstallWatch {
  readonly #file: string
  readonly #clock: Clock
  readonly #onChange: () => void
  #content: string | undefined
  #closers: (() => void)[] = []
  #cancel: CancelTimer | undefined

  constructor(file: string, clock: Clock, onChange: () => void) {
    this.#file = file
    this.#clock = clock
    this.#onChange = onChange
    this.#content = this.#read()
    this.#open()
  }

  close(): void {
    this.#cancel?.()
    for (const close of this.#closers) close()
    this.#closers = []
  }

  #open(): void {
    const folders = new Set([dirname(this.#file)])
    try {
      folders.add(dirname(realpathSync(this.#file)))
    } catch {
      // The file is gone for the moment; its folder tells when it is back.
    }
    for (const folder of folders) this.#watchFolder(folder)
  }

  #watchFolder(folder: string): void {
    const touched = () => this.#touched()
    try {
      const watcher = watch(folder, { persistent: false }, touched)
      watcher.on('error', () => watcher.close())
      this.#closers.push(() => watcher.close())
    } catch {
      // Some file systems tell nothing: look at the file from time to time.
      watchFile(this.#file, { interval: pollMs, persistent: false }, touched)
      this.#closers.push(() => unwatchFile(this.#file, touched))
    }
  }

  #touched(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(quietMs, () => this.#compare())
  }

  #compare(): void {
    const content = this.#read()
    // A file that is being replaced is missing for a moment, and says nothing then.
    if (content === undefined || content === this.#content) return
    this.#content = content
    this.close()
    this.#open()
    this.#onChange()
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch {
      // Missing or unreadable: the configuration in force stays.
      return undefined
    }
  }
}
