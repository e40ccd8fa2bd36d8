/** What a Connection field says about the connection itself (RFC 9110 §7.6.1); flags add up over several lines. */
export const connectionOption = { close: 1, keepAlive: 2, upgrade: 4 } as const

/** Flags of one field value. */
export function connectionOptions(value: string): number {
  // Nearly all values are one of these.
  if (value === 'keep-alive' || value === 'Keep-Alive') return connectionOption.keepAlive
  if (value === 'close') return connectionOption.close
  if (value === 'Upgrade' || value === 'upgrade') return connectionOption.upgrade
  let flags = 0
  let from = 0
  while (from <= value.length) {
    let to = value.indexOf(',', from)
    if (to < 0) to = value.length
    const option = value.substring(from, to).trim().toLowerCase()
    if (option === 'close') flags |= connectionOption.close
    else if (option === 'keep-alive') flags |= connectionOption.keepAlive
    else if (option === 'upgrade') flags |= connectionOption.upgrade
    from = to + 1
  }
  return flags
}
