/** Nonces that need no memory until somebody has answered one: their time and a random part, signed. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { UsedOnce } from '../../../http/used-once.ts'

/** How long a nonce can be answered, in seconds. */
const lifetimeS = 3600
/** Bytes of time, random part and signature. */
const timeBytes = 4
const randomPartBytes = 8
const signatureBytes = 16
const nonceLength = Math.ceil(((timeBytes + randomPartBytes + signatureBytes) * 4) / 3)
const countPattern = /^[0-9a-fA-F]{8}$/

/** Outcome of a look at a nonce: stale ones are ours, but to be asked for anew. */
export type NonceState = 'good' | 'stale' | 'foreign'

/** Makes and judges nonces. */
export class Nonces {
  readonly #used: UsedOnce
  readonly #nowMs: () => number

  /** `nowMs` is Unix time. */
  constructor(used: UsedOnce, nowMs: () => number) {
    this.#used = used
    this.#nowMs = nowMs
  }

  make(): string {
    const head = Buffer.alloc(timeBytes + randomPartBytes)
    head.writeUInt32BE(this.#nowS())
    randomBytes(randomPartBytes).copy(head, timeBytes)
    return Buffer.concat([head, this.#sign(head)]).toString('base64url')
  }

  /** Notes the use of a nonce by somebody who has answered it rightly; `nc` is his count of uses in hexadecimal digits (RFC 7616 §3.4). */
  use(nonce: string, nc: string): NonceState {
    if (nonce.length !== nonceLength || !countPattern.test(nc)) return 'foreign'
    const bytes = Buffer.from(nonce, 'base64url')
    if (bytes.length !== timeBytes + randomPartBytes + signatureBytes) return 'foreign'
    const head = bytes.subarray(0, timeBytes + randomPartBytes)
    if (!timingSafeEqual(bytes.subarray(timeBytes + randomPartBytes), this.#sign(head))) return 'foreign'
    const madeS = head.readUInt32BE()
    if (this.#nowS() - madeS > lifetimeS) return 'stale'
    const count = Number.parseInt(nc, 16)
    if (count === 0 || count > 0x7fff_ffff) return 'stale'
    return this.#used.use(head.readInt32BE(timeBytes), madeS, count) === 'fresh' ? 'good' : 'stale'
  }

  #nowS(): number {
    return Math.floor(this.#nowMs() / 1000)
  }

  #sign(head: Buffer): Buffer {
    return createHmac('sha256', this.#used.secret).update(head).digest().subarray(0, signatureBytes)
  }
}
