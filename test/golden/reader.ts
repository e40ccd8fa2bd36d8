/** Buffered reads of HTTP/1.1 messages from a socket, one after another, with a limit on each wait. */
import type { Socket } from 'node:net'

/** Nothing came within the time allowed. */
export class ReadTimeoutError extends Error {}

/** A header as it was on the wire. */
export type HeaderPair = [name: string, value: string]

/** A body and how it ended. */
export interface ReadBody {
  readonly bytes: Buffer
  readonly trailers: HeaderPair[]
  readonly complete: boolean
}

/** Reads from a paused socket, so that bytes nobody asked for stay with the system. */
export class SocketReader {
  readonly #socket: Socket
  readonly #timeoutMs: number
  #buffer = Buffer.alloc(0)
  #error: Error | undefined
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    const wake = (): void => this.#wake?.()
    socket.on('readable', wake)
    socket.on('end', () => {
      this.#ended = true
      wake()
    })
    socket.on('error', (error) => {
      this.#error = error
      wake()
    })
    socket.on('close', wake)
  }

  /** Waits for more bytes; false at the end. */
  async more(): Promise<boolean> {
    for (;;) {
      const chunk: unknown = this.#socket.read()
      if (Buffer.isBuffer(chunk)) {
        this.#buffer = Buffer.concat([this.#buffer, chunk])
        return true
      }
      if (this.#error) throw this.#error
      if (this.#ended || this.#socket.destroyed) return false
      await this.#change()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new ReadTimeoutError('nothing came')), this.#timeoutMs)
      this.#wake = () => {
        this.#wake = undefined
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Everything up to the separator, which is taken too; undefined when the end comes first. */
  async #until(separator: string): Promise<string | undefined> {
    let from = 0
    for (;;) {
      const at = this.#buffer.indexOf(separator, from, 'latin1')
      if (at >= 0) {
        const text = this.#buffer.toString('latin1', 0, at)
        this.#buffer = this.#buffer.subarray(at + separator.length)
        return text
      }
      from = Math.max(0, this.#buffer.length - separator.length)
      if (!(await this.more())) return undefined
    }
  }

  /** The lines of a head; undefined when the end comes first. */
  async head(): Promise<string[] | undefined> {
    return (await this.#until('\r\n\r\n'))?.split('\r\n')
  }

  /** As many bytes as asked for, fewer when the end comes first. */
  async exact(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) if (!(await this.more())) break
    return this.#take(count)
  }

  /** Whatever is there, or the next bytes; empty at the end. */
  async some(): Promise<Buffer> {
    if (this.#buffer.length === 0) await this.more()
    return this.#take(this.#buffer.length)
  }

  /** All bytes up to the end. */
  async rest(): Promise<Buffer> {
    while (await this.more());
    return this.#take(this.#buffer.length)
  }

  #take(count: number): Buffer {
    const out = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return out
  }

  /** The body that the headers announce; `toEnd` when a message without length lasts until the connection ends. */
  async body(headers: readonly HeaderPair[], toEnd: boolean): Promise<ReadBody> {
    const values = (name: string): string[] => headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
    if (values('transfer-encoding').some((value) => value.toLowerCase().includes('chunked'))) return this.#chunked()
    const [length] = values('content-length')
    if (length !== undefined) {
      const bytes = await this.exact(Number(length))
      return { bytes, trailers: [], complete: bytes.length === Number(length) }
    }
    return { bytes: toEnd ? await this.rest() : Buffer.alloc(0), trailers: [], complete: true }
  }

  async #chunked(): Promise<ReadBody> {
    const parts: Buffer[] = []
    for (;;) {
      const line = await this.#until('\r\n')
      if (line === undefined || line === '') return { bytes: Buffer.concat(parts), trailers: [], complete: false }
      const size = Number.parseInt(line, 16)
      if (Number.isNaN(size)) throw new Error(`chunk size ${JSON.stringify(line)}: not a number`)
      if (size === 0) break
      const part = await this.exact(size)
      parts.push(part)
      if (part.length < size) return { bytes: Buffer.concat(parts), trailers: [], complete: false }
      await this.exact(2)
    }
    const lines: string[] = []
    for (let line = await this.#until('\r\n'); line !== undefined && line !== ''; line = await this.#until('\r\n')) lines.push(line)
    return { bytes: Buffer.concat(parts), trailers: headerPairs(lines), complete: true }
  }
}

/** Header lines as names and values. */
export function headerPairs(lines: readonly string[]): HeaderPair[] {
  return lines.map((line) => {
    const colon = line.indexOf(':')
    return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
}
