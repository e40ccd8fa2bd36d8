/** Ports for routers under test: they bind them themselves, so they must be free for TCP and UDP and not be taken meanwhile. */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const taken = new Set<number>()

async function isFree(port: number): Promise<boolean> {
  const tcp = createServer()
  const udp = createSocket('udp4')
  try {
    tcp.listen(port, '127.0.0.1')
    await once(tcp, 'listening')
    udp.bind(port, '127.0.0.1')
    await once(udp, 'listening')
    return true
  } catch {
    return false
  } finally {
    tcp.close()
    udp.close()
  }
}

/** A free port below the range from which the system takes client ports, so that no connection of a neighbour gets it before the router does. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10000, 32000)
    if (taken.has(port)) continue
    taken.add(port)
    if (await isFree(port)) return port
  }
}
