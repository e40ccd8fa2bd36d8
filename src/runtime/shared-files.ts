/** Files that are held once, in memory that all workers share: address databases are too large for a copy in each. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

/** Longest file that is held, in bytes. */
const fileBytesMax = 512 * 1024 * 1024

/** Stands in front of the last part of a database of this format, and in its last 128 KiB. */
const mmdbMark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const mmdbMarkDistanceMax = 128 * 1024

interface Held {
  readonly signature: string
  readonly bytes: SharedArrayBuffer
}

/** Reads files into shared memory; one that has not changed stays the very same memory, so that no generation takes it for another. */
export class SharedFiles {
  readonly #watch: (path: string) => void
  #kept = new Map<string, Held>()
  #used = new Map<string, Held>()

  /** `watch` is told of each file that is asked for. */
  constructor(watch: (path: string) => void) {
    this.#watch = watch
  }

  /** The bytes of a file, or why there are none. */
  readonly read = (path: string): SharedArrayBuffer | string => {
    this.#watch(path)
    const before = this.#used.get(path) ?? this.#kept.get(path)
    const held = this.#load(path, before)
    if (typeof held === 'string') {
      // Somebody is just writing it: what was read before is still right.
      if (before === undefined) return held
      this.#used.set(path, before)
      return before.bytes
    }
    this.#used.set(path, held)
    return held.bytes
  }

  /** A generation is made: files that it did not ask for are forgotten. */
  settle(): void {
    this.#kept = this.#used
    this.#used = new Map()
  }

  #load(path: string, before: Held | undefined): Held | string {
    try {
      const { ino, size, mtimeMs } = statSync(path)
      const signature = `${ino} ${size} ${mtimeMs}`
      if (before?.signature === signature) return before
      const bytes = readShared(path)
      if (!looksLikeMmdb(bytes)) return `${path} is no database that can be read`
      return { signature, bytes }
    } catch (cause) {
      return `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`
    }
  }
}

function readShared(path: string): SharedArrayBuffer {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (size > fileBytesMax) throw new Error(`longer than ${fileBytesMax} bytes`)
    const shared = new SharedArrayBuffer(size)
    const view = new Uint8Array(shared)
    let offset = 0
    while (offset < size) {
      const count = readSync(file, view, offset, size - offset, offset)
      if (count === 0) throw new Error('it ends before its size')
      offset += count
    }
    return shared
  } finally {
    closeSync(file)
  }
}

function looksLikeMmdb(bytes: SharedArrayBuffer): boolean {
  return Buffer.from(bytes, Math.max(0, bytes.byteLength - mmdbMarkDistanceMax)).includes(mmdbMark)
}
