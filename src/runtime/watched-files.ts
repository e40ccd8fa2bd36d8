/** Reads the files that a generation is made of, and tells when one of them changes: certificates are renewed in place. */
import type { Clock } from '../std/clock.ts'
import { FileWatch } from '../std/file-watch.ts'
import type { ReadFile } from './file-content.ts'

/** What it leans on. */
export interface WatchedFilesOptions {
  readonly clock: Clock
  readonly readFile: ReadFile
  readonly onChange: () => void
}

/** Most files that are watched; with more, those beyond are read and not watched. */
const filesMax = 20_000
/** Longest text that is taken for a file name: what else is given in place of a file is a text. */
const nameLengthMax = 1024

/** The files of the newest generation. */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions
  #asked = new Set<string>()
  #watched: readonly string[] = []
  #watch: FileWatch | null = null

  constructor(options: WatchedFilesOptions) {
    this.#options = options
  }

  /** Reads a file for the generation that is being made. */
  readonly read: ReadFile = (path) => {
    if (path === '' || path.length > nameLengthMax || path.includes('\n')) return undefined
    if (this.#asked.size < filesMax) this.#asked.add(path)
    return this.#options.readFile(path)
  }

  /** The generation is made: watches what it has read, and no more what it has not. */
  settle(): void {
    const paths = [...this.#asked].sort()
    this.#asked = new Set()
    if (paths.length === this.#watched.length && paths.every((path, index) => path === this.#watched[index])) return
    this.#watched = paths
    this.#watch?.close()
    const { clock, onChange } = this.#options
    this.#watch = paths.length === 0 ? null : new FileWatch({ paths, clock, onChange })
  }

  /** Stops watching. */
  close(): void {
    this.#watch?.close()
    this.#watch = null
    this.#watched = []
  }
}
