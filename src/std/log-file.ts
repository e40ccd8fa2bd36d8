/**
 * The file of the process log, and its rotation: once it would grow over its maximum it is renamed to `name-<UTC time>.ext`, compressed
 * in the background, and old ones are removed by number and age.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** When a log file is put aside. */
export interface RotationOptions {
  /** Largest size of the file in MiB; 0: 100 when one of the others is set, else no rotation. */
  readonly maxSizeMb: number
  /** Days that old files are kept; 0: for ever. */
  readonly maxAgeDays: number
  /** Number of old files kept; 0: all. */
  readonly maxBackups: number
}

const defaultSizeMb = 100
const dayMs = 86_400_000

/** Where lines of the process log go. */
export interface LogFile {
  write(line: string): void
  /** Opens the path anew, after someone else moved the file. */
  reopen(): void
  close(): void
  /** Resolves when the compression and removal of old files has finished; for shutdown and tests. */
  settled(): Promise<void>
}

/** Opens a log file for appending, with its folder; throws the file system's error when that fails. */
export function openLogFile(path: string, rotation: RotationOptions, now: () => number): LogFile {
  return new RotatingFile(path, rotation, now)
}

class RotatingFile implements LogFile {
  readonly #path: string
  readonly #rotation: RotationOptions
  readonly #bytesMax: number
  readonly #now: () => number
  #fd: number
  #bytes = 0
  #settled: Promise<void> = Promise.resolve()

  constructor(path: string, rotation: RotationOptions, now: () => number) {
    this.#path = path
    this.#rotation = rotation
    this.#now = now
    const rotates = rotation.maxSizeMb > 0 || rotation.maxAgeDays > 0 || rotation.maxBackups > 0
    this.#bytesMax = rotates ? (rotation.maxSizeMb || defaultSizeMb) * 1024 * 1024 : Infinity
    this.#fd = this.#open()
  }

  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate()
    if (this.#fd < 0) return
    writeSync(this.#fd, bytes)
    this.#bytes += bytes.length
  }

  reopen(): void {
    this.close()
    this.#fd = this.#open()
  }

  close(): void {
    if (this.#fd < 0) return
    closeSync(this.#fd)
    this.#fd = -1
  }

  settled(): Promise<void> {
    return this.#settled
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o755 })
    const fd = openSync(this.#path, 'a', 0o644)
    this.#bytes = fstatSync(fd).size
    return fd
  }

  #rotate(): void {
    this.close()
    const backup = backupPath(this.#path, this.#now())
    try {
      renameSync(this.#path, backup)
    } catch (cause) {
      // Somebody else may have moved the file just now; anything else must not silence the log.
      if (!isNotFound(cause)) this.#bytes = 0
    }
    this.#fd = this.#open()
    this.#settled = this.#settled.then(() => this.#tidy())
  }

  async #tidy(): Promise<void> {
    try {
      removeOldFiles(this.#path, this.#rotation, this.#now())
      for (const file of backupsOf(this.#path)) if (!file.path.endsWith('.gz')) await compress(file.path)
    } catch {
      // A disk that is full or a folder that became read-only must not stop the process; the files stay for the next rotation.
    }
  }
}

interface Backup {
  readonly path: string
  readonly timeMs: number
}

/** `folder/name-2026-01-02T15-04-05.000.ext`. */
function backupPath(path: string, timeMs: number): string {
  const extension = extname(path)
  const time = new Date(timeMs).toISOString().slice(0, 23).replaceAll(':', '-')
  return join(dirname(path), `${basename(path, extension)}-${time}${extension}`)
}

const timePattern = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/

/** Files that were put aside, newest first. */
function backupsOf(path: string): Backup[] {
  const extension = extname(path)
  const prefix = `${basename(path, extension)}-`
  const found: Backup[] = []
  for (const name of readdirSync(dirname(path))) {
    const plain = name.endsWith('.gz') ? name.slice(0, -3) : name
    if (!plain.startsWith(prefix) || !plain.endsWith(extension)) continue
    const time = timePattern.exec(plain.slice(prefix.length, plain.length - extension.length))
    if (time === null) continue
    found.push({ path: join(dirname(path), name), timeMs: Date.parse(`${time[1]}T${time[2]}:${time[3]}:${time[4]}Z`) })
  }
  return found.sort((a, b) => b.timeMs - a.timeMs)
}

function removeOldFiles(path: string, rotation: RotationOptions, nowMs: number): void {
  let kept = 0
  for (const backup of backupsOf(path)) {
    const tooMany = rotation.maxBackups > 0 && kept >= rotation.maxBackups
    const tooOld = rotation.maxAgeDays > 0 && backup.timeMs < nowMs - rotation.maxAgeDays * dayMs
    if (tooMany || tooOld) rmSync(backup.path, { force: true })
    else kept += 1
  }
}

async function compress(path: string): Promise<void> {
  const target = `${path}.gz`
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(target, { mode: 0o644 }))
  } catch (cause) {
    rmSync(target, { force: true })
    throw cause
  }
  rmSync(path, { force: true })
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
