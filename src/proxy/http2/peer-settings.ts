/** What the peer has said in SETTINGS (RFC 9113 §6.5.2). */
import { errorCode } from './error-codes.ts'
import { frameBytesDefault, readUint32, settingId, windowBytesDefault, windowBytesMax } from './frames.ts'

/** Size of the header table before anything is said, in bytes. */
const headerTableBytesDefault = 4096
/** Largest payload that can be allowed, in bytes. */
const frameBytesMost = 0xff_ffff

/** The peer's settings; defaults until it says otherwise. */
export class PeerSettings {
  headerTableBytes = headerTableBytesDefault
  /** Null: it has not said. */
  streamsMax: number | null = null
  streamWindowBytes = windowBytesDefault
  frameBytesMax = frameBytesDefault
  /** It takes extended CONNECT (RFC 8441). */
  takesConnect = false

  /** Reads the payload of a SETTINGS frame; 0, or the error that ends the connection. */
  read(bytes: Buffer, from: number, to: number, isFromServer: boolean): number {
    for (let place = from; place < to; place += 6) {
      const error = this.#take((bytes[place]! << 8) | bytes[place + 1]!, readUint32(bytes, place + 2), isFromServer)
      if (error !== 0) return error
    }
    return 0
  }

  #take(id: number, value: number, isFromServer: boolean): number {
    switch (id) {
      case settingId.headerTableSize:
        this.headerTableBytes = value
        return 0
      case settingId.enablePush:
        return value > 1 || (value === 1 && isFromServer) ? errorCode.protocolError : 0
      case settingId.maxConcurrentStreams:
        this.streamsMax = value
        return 0
      case settingId.initialWindowSize:
        if (value > windowBytesMax) return errorCode.flowControlError
        this.streamWindowBytes = value
        return 0
      case settingId.maxFrameSize:
        if (value < frameBytesDefault || value > frameBytesMost) return errorCode.protocolError
        this.frameBytesMax = value
        return 0
      case settingId.enableConnectProtocol:
        if (value > 1) return errorCode.protocolError
        this.takesConnect = value === 1
        return 0
      case settingId.noRfc7540Priorities:
        return value > 1 ? errorCode.protocolError : 0
      default:
        return 0
    }
  }
}
