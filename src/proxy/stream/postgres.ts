/** How Postgres clients ask for TLS: a fixed message in clear, answered by one byte (PostgreSQL documentation, message flow, SSL session encryption). */

/** SSLRequest. */
export const postgresSslRequest: Uint8Array = Buffer.from('0000000804d2162f', 'hex')

/** The answer that TLS may begin. */
export const postgresYes = 'S'
/** The answer that there is none. */
export const postgresNo = 'N'

/** Whether bytes begin as SSLRequest does: 'more' while some of it is missing. */
export function readSslRequest(bytes: Uint8Array): 'yes' | 'no' | 'more' {
  const length = Math.min(bytes.length, postgresSslRequest.length)
  for (let index = 0; index < length; index += 1) if (bytes[index] !== postgresSslRequest[index]) return 'no'
  return length === postgresSslRequest.length ? 'yes' : 'more'
}
