/** Appends lines to a file or to standard output, many at a time and without holding up the event loop. */
import { closeSync, mkdirSync, openSync, write } from 'node:fs'
import { dirname } from 'node:path'
import type { CancelTimer, Clock } from '../../std/clock.ts'

/** Bytes that may wait for a slow disk or reader; lines beyond that are lost, counted and reported. */
export const waitingBytesMax = 8 * 1024 * 1024
/** Lines leave at once when this many bytes wait. */
const batchBytes = 64 * 1024
/** Longest time that a line waits for others. */
const batchDelayMs = 50
/** A pipe takes up to this many bytes whole (POSIX PIPE_BUF), so that lines of several workers do not mix. */
const pipeBytesMax = 4096
/** Pause before another try when a pipe is full. */
const fullPauseMs = 10

/** Told about things that go wrong, once per outage. */
export type Warn = (message: string, fields: Readonly<Record<string, string>>) => void

/** One open log. Lines keep their order. */
export class LineFile {
  /** '' is standard output. */
  readonly path: string
  readonly #clock: Clock
  readonly #warn: Warn
  #fd = -1
  #waiting: string[] = []
  /** First line of `#waiting` that has not been taken. */
  #head = 0
  #batchLines = 0
  #waitingBytes = 0
  #lost = 0
  #failing = false
  #writing = false
  #flushing = false
  #retired = false
  #timer: CancelTimer | null = null
  #idle: (() => void)[] = []
  /** Descriptor to be closed once the write on it is over. */
  #oldFd = -1

  constructor(path: string, clock: Clock, warn: Warn) {
    this.path = path
    this.#clock = clock
    this.#warn = warn
    this.#open()
  }

  /** Queues a line, which ends in a line feed. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > waitingBytesMax) {
      this.#lost += 1
      return
    }
    this.#waiting.push(line)
    this.#waitingBytes += line.length
    if (this.#retired || this.#waitingBytes >= batchBytes) this.#pump()
    else if (!this.#writing) this.#pumpLater()
  }

  /** Resolves when everything that was queued before has been written or given up. */
  flush(): Promise<void> {
    if (!this.#writing && this.#waitingBytes === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle.push(resolve)
      this.#flushing = true
      this.#pump()
    })
  }

  /** Opens the path anew, after it was moved. */
  reopen(): void {
    if (this.path === '') return
    const before = this.#fd
    this.#fd = -1
    if (this.#writing && this.#oldFd < 0) this.#oldFd = before
    else close(before)
    this.#open()
  }

  /** Writes what is queued and closes the file. Requests that began before may still bring lines: the file is then opened once more. */
  async retire(): Promise<void> {
    this.#retired = true
    await this.flush()
    this.#closeIdle()
  }

  #open(): void {
    if (this.path === '') {
      this.#fd = 1
      return
    }
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 })
      this.#fd = openSync(this.path, 'a', 0o664)
      this.#failing = false
    } catch (cause) {
      this.#fail(`cannot open access log: ${textOf(cause)}`)
    }
  }

  #pumpLater(): void {
    this.#timer ??= this.#clock.after(batchDelayMs, () => this.#pump())
  }

  #pump(): void {
    if (this.#timer !== null) {
      this.#timer()
      this.#timer = null
    }
    if (this.#writing) return
    if (this.#waitingBytes === 0) {
      this.#done()
      return
    }
    if (this.#fd < 0 && this.#retired) this.#open()
    if (this.#fd < 0) {
      this.#take(Infinity)
      this.#lost += this.#batchLines
      this.#done()
      return
    }
    this.#writing = true
    this.#writeAll(Buffer.from(this.#take(this.path === '' ? pipeBytesMax : Infinity)), 0)
  }

  #done(): void {
    this.#flushing = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
    if (this.#retired) this.#closeIdle()
  }

  /** The next lines as one text, of at most so many bytes if there are several. */
  #take(bytesMax: number): string {
    const waiting = this.#waiting
    let end = this.#head
    let bytes = 0
    while (end < waiting.length) {
      bytes += Buffer.byteLength(waiting[end] ?? '')
      if (bytes > bytesMax && end > this.#head) break
      end += 1
    }
    const text = waiting.slice(this.#head, end).join('')
    this.#batchLines = end - this.#head
    this.#waitingBytes -= text.length
    this.#head = end
    if (end === waiting.length) {
      this.#waiting = []
      this.#head = 0
    }
    return text
  }

  #writeAll(bytes: Buffer, from: number): void {
    const fd = this.#oldFd >= 0 ? this.#oldFd : this.#fd
    write(fd, bytes, from, bytes.length - from, null, (cause, written) => {
      if (cause !== null && cause.code === 'EAGAIN') {
        this.#clock.after(fullPauseMs, () => this.#writeAll(bytes, from))
        return
      }
      if (cause === null && from + written < bytes.length) {
        this.#writeAll(bytes, from + written)
        return
      }
      if (cause === null) this.#recovered()
      else {
        this.#lost += this.#batchLines
        this.#fail(`cannot write access log: ${textOf(cause)}`)
      }
      this.#writing = false
      close(this.#oldFd)
      this.#oldFd = -1
      this.#continue()
    })
  }

  #continue(): void {
    if (this.#flushing || this.#retired || this.#waitingBytes >= batchBytes || (this.path === '' && this.#waitingBytes > 0)) this.#pump()
    else if (this.#waitingBytes > 0) this.#pumpLater()
  }

  #recovered(): void {
    this.#failing = false
    if (this.#lost === 0) return
    this.#warn('access log lines were lost', { count: String(this.#lost), filePath: this.path })
    this.#lost = 0
  }

  #fail(message: string): void {
    if (!this.#failing) this.#warn(message, { filePath: this.path })
    this.#failing = true
  }

  #closeIdle(): void {
    if (this.#writing || this.path === '') return
    close(this.#fd)
    this.#fd = -1
  }
}

function close(fd: number): void {
  if (fd > 2) closeSync(fd)
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
