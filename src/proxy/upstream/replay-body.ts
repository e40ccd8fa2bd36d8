/** The beginning of a request body, kept so that it can be sent again when a server did not take it. */
import type { HeaderList } from '../http/header-list.ts'

/** Longest body that is kept, in bytes. */
const replayBytesMax = 64 * 1024

/** What was sent of a body so far. */
export class ReplayBody {
  readonly chunks: Buffer[] = []
  trailers: HeaderList | null = null
  /** False once more was sent than is kept. */
  isWhole = true
  #bytes = 0

  /** Notes a chunk. */
  add(chunk: Buffer): void {
    if (!this.isWhole) return
    this.#bytes += chunk.length
    if (this.#bytes > replayBytesMax) {
      this.isWhole = false
      this.chunks.length = 0
      return
    }
    this.chunks.push(Buffer.from(chunk))
  }
}
