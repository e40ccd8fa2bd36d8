/**
 * Watches files and folders for changes of what they hold, however they are changed: written in place, replaced by rename as editors do, or
 * swapped behind a symbolic link as Kubernetes does with ConfigMaps. The folders are watched rather than the files, since a watch on a file
 * ends with the file; a change counts when the signature of the files differs (inode, size, time of change).
 */
import { type BigIntStats, type FSWatcher, readdirSync, realpathSync, statSync, watch } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { CancelTimer, Clock } from './clock.ts'

/** What is watched and who is told. */
export interface FileWatchOptions {
  /** Files or folders; folders with all that is below. They need not exist yet. */
  readonly paths: readonly string[]
  readonly clock: Clock
  onChange(): void
}

/** Events within this time count as one, in milliseconds: editors write in several steps. */
const settleMs = 30
/** How often signatures are compared where the system cannot watch, in milliseconds. */
const pollMs = 2000
/** Most files below one folder. */
const filesMax = 10_000

/** A running watch. */
export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #watchers = new Map<string, FSWatcher>()
  #signature: string
  #timer: CancelTimer | null = null
  #poll: CancelTimer | null = null
  #closed = false

  constructor(options: FileWatchOptions) {
    this.#options = options
    this.#signature = this.#rescan()
  }

  /** Stops watching. */
  close(): void {
    this.#closed = true
    this.#timer?.()
    this.#poll?.()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #touch(): void {
    if (this.#closed || this.#timer !== null) return
    this.#timer = this.#options.clock.after(settleMs, () => {
      this.#timer = null
      this.#compare()
    })
  }

  #compare(): void {
    if (this.#closed) return
    const signature = this.#rescan()
    if (signature === this.#signature) return
    this.#signature = signature
    this.#options.onChange()
  }

  /** Signature of all that is watched; brings the set of watched folders up to date on the way. */
  #rescan(): string {
    const folders = new Set<string>()
    const parts: string[] = []
    for (const path of this.#options.paths) collect(resolve(path), folders, parts)
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder)
    return parts.join('\n')
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#touch())
      // A folder that vanishes ends its watch; its parent's tells of it.
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
        this.#touch()
      })
      this.#watchers.set(folder, watcher)
    } catch {
      // No such folder yet, or the system has no watches left: look again now and then.
      this.#pollOnce()
    }
  }

  #pollOnce(): void {
    if (this.#poll !== null || this.#closed) return
    this.#poll = this.#options.clock.after(pollMs, () => {
      this.#poll = null
      this.#compare()
    })
  }
}

function collect(path: string, folders: Set<string>, parts: string[]): void {
  folders.add(dirname(path))
  const stat = statOf(path)
  if (stat === null) {
    parts.push(`${path} -`)
    return
  }
  const real = realpathSync(path)
  if (real !== path) folders.add(dirname(real))
  if (!stat.isDirectory()) {
    parts.push(signatureOf(path, stat))
    return
  }
  folders.add(real)
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }).slice(0, filesMax)) {
    const file = join(path, entry)
    const below = statOf(file)
    if (below === null) continue
    if (below.isDirectory()) folders.add(file)
    else parts.push(signatureOf(file, below))
  }
}

function signatureOf(path: string, stat: BigIntStats): string {
  return `${path} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
}

function statOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true })
  } catch {
    // It does not exist, or went away while we looked.
    return null
  }
}
