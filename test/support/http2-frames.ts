/** Frames by hand, for clients and servers of HTTP/2 that do what no library does. */
import { FrameParser } from '../../src/proxy/http2/frame-parser.ts'
import { clientPreface, frameFlag, frameType, headersFrames, settingsAck, settingsFrame } from '../../src/proxy/http2/frames.ts'
import { HpackDecoder } from '../../src/proxy/http2/hpack-decoder.ts'
import { integer } from '../../src/proxy/http2/hpack-encoder.ts'
import type { RawClient } from './http1-rig.ts'

/** A frame as it came. */
export interface SeenFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
  /** Decoded fields of HEADERS. */
  readonly fields: readonly (readonly [string, string])[]
}

/** Reads frames out of all that has come so far. */
export class FrameReader {
  readonly frames: SeenFrame[] = []
  readonly #parser = new FrameParser(0xff_ffff)
  readonly #decoder = new HpackDecoder(65_536, { headBytesMax: 1_000_000, headersMax: 10_000 })
  #read = 0

  /** Takes the whole text; what was read before is passed over. */
  read(text: string): SeenFrame[] {
    this.#parser.push(Buffer.from(text.slice(this.#read), 'latin1'))
    this.#read = text.length
    while (this.#parser.next()) {
      const { type, flags, streamId, bytes, from, to } = this.#parser
      const payload = Buffer.from(bytes.subarray(from, to))
      let fields: [string, string][] = []
      if (type === frameType.headers) {
        this.#decoder.decode(payload)
        fields = this.#decoder.fields.slice(0, this.#decoder.count).map(({ key, value }) => [key, value])
      }
      this.frames.push({ type, flags, streamId, payload, fields })
    }
    return this.frames
  }
}

/** Preface, empty SETTINGS and the acknowledgement of the server's. */
export const hello: string = clientPreface + settingsFrame([]) + settingsAck

/** A block of fields, none of them in a table. */
export function plainBlock(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `\0${integer(0, 7, name.length)}${name}${integer(0, 7, value.length)}${value}`).join('')
}

/** A request's HEADERS. */
export function request(streamId: number, isEnd: boolean, ...fields: (readonly [string, string])[]): string {
  const all: (readonly [string, string])[] = [
    [':method', isEnd ? 'GET' : 'POST'],
    [':scheme', 'http'],
    [':authority', 'a'],
    [':path', '/'],
    ...fields,
  ]
  return headersFrames(streamId, plainBlock(all), isEnd, 16_384)
}

/** Waits for a frame that fits. */
export async function untilFrame(client: RawClient, reader: FrameReader, fits: (frame: SeenFrame) => boolean): Promise<SeenFrame> {
  await client.until(() => client.closed || reader.read(client.text).some(fits))
  const found = reader.frames.find(fits)
  if (found === undefined)
    throw new Error(`the connection ended without the frame; there were ${reader.frames.map(({ type }) => type).join()}`)
  return found
}

/** Error code of a GOAWAY or RST_STREAM. */
export function codeOf(frame: SeenFrame): number {
  return frame.payload.readUInt32BE(frame.type === frameType.goaway ? 4 : 0)
}

/** Whether a frame ends its stream. */
export function endsStream(frame: SeenFrame): boolean {
  return (frame.type === frameType.data || frame.type === frameType.headers) && (frame.flags & frameFlag.endStream) !== 0
}
