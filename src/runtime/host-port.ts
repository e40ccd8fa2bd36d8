/** Addresses of servers: `host:port`, as Go's `net.SplitHostPort` takes them. */

/** Reads an address; null when it is none. An empty host is this machine. */
export function parseHostPort(address: string): { readonly host: string; readonly port: number } | null {
  const parts = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(address)
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535) return null
  const host = parts[1] ?? parts[2] ?? ''
  return { host: host === '' ? 'localhost' : host, port }
}
