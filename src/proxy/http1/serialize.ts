/**
 * Heads and chunk framing as text, one byte per character. Text is cheaper than Buffers for heads, and leaves in one write with a small body.
 * Framing fields (Content-Length, Transfer-Encoding) and Connection are written by whoever owns the connection, never copied (R5).
 */
import { statusCodes } from '../../std/status-codes.ts'
import type { HeaderList } from '../http/header-list.ts'

/** End of a line. */
export const lineEnd = '\r\n'
/** The last chunk of a body without trailers. */
export const lastChunk = '0\r\n\r\n'
/** Asks the client to go on with its body. */
export const continueHead = 'HTTP/1.1 100 Continue\r\n\r\n'

const statusLines = new Map<number, string>()

/** `HTTP/1.1 200 OK` and the line end; `statusText` is the reason phrase when it is not the standard one. */
export function statusLine(status: number, statusText = ''): string {
  if (statusText === '' || statusText === statusCodes[status]) {
    const known = statusLines.get(status)
    if (known !== undefined) return known
    const made = `HTTP/1.1 ${status} ${statusCodes[status] ?? ''}\r\n`
    // At most 900 entries: a status has three digits.
    if (status >= 100 && status <= 999) statusLines.set(status, made)
    return made
  }
  return `HTTP/1.1 ${status} ${statusText}\r\n`
}

/**
 * `name: value` lines of all fields but those that the connection's owner writes himself. Lines that were read just so and lie side by side are
 * sent on as one piece of what was read.
 */
export function fieldLines(headers: HeaderList): string {
  const { names, keys, values, lines } = headers
  let text = ''
  // The piece that is being put together.
  let from = 0
  let to = 0
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]
    if (key === '' || key === 'content-length' || key === 'connection' || key === 'transfer-encoding' || key === 'keep-alive') continue
    const name = names[index]!
    const value = values[index]!
    const line = lines[index]!
    if (line === to && to > 0) {
      to += name.length + value.length + 4
      continue
    }
    if (to > from) text += headers.linesBetween(from, to)
    if (line >= 0) {
      from = line
      to = line + name.length + value.length + 4
    } else {
      from = 0
      to = 0
      text += name + ': ' + value + '\r\n'
    }
  }
  return to > from ? text + headers.linesBetween(from, to) : text
}

/** The line in front of a chunk's bytes; `length` is at least 1. */
export function chunkLine(length: number): string {
  return length.toString(16) + '\r\n'
}

/** The last chunk, with trailers. */
export function lastChunkWith(trailers: HeaderList | null): string {
  return trailers === null || trailers.length === 0 ? lastChunk : `0\r\n${fieldLines(trailers)}\r\n`
}

let dateSecond = 0
let dateText = ''
let dateLineText = ''

/** The Date field line (RFC 9110 §6.6.1), made once a second. */
export function dateLine(nowMs: number): string {
  if (Math.floor(nowMs / 1000) !== dateSecond) setDate(nowMs)
  return dateLineText
}

/** Value of the Date field, made once a second. */
export function dateValue(nowMs: number): string {
  if (Math.floor(nowMs / 1000) !== dateSecond) setDate(nowMs)
  return dateText
}

function setDate(nowMs: number): void {
  dateSecond = Math.floor(nowMs / 1000)
  dateText = new Date(dateSecond * 1000).toUTCString()
  dateLineText = `Date: ${dateText}\r\n`
}
