/** Memory at rest: of a process that has just started, and of each idle keep-alive connection that has been used once. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchCase } from '../lib/context.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'

// As many as the usual limit of descriptors allows a proxy that opens two for each.
const connectionsWanted = 9_000
const atOnce = 50

function openIdle(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('GET / HTTP/1.1\r\nHost: h0.bench.test\r\n\r\n'))
    socket.once('error', reject)
    // The answer is small enough to come in one piece.
    socket.once('data', () => resolve(socket))
  })
}

/** Opens as many connections as asked, each used once; a failure ends it early. */
async function openMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  const lane = async (): Promise<void> => {
    while (sockets.length < count) sockets.push(await openIdle(port))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return sockets
}

/** The case. */
export const memory: BenchCase = {
  name: 'memory',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const peer of context.peers) {
      const scenario = context.scenario()
      const process = await context.start(peer, scenario)
      await sleep(3000)
      const idle = process.residentBytes()
      // What the first connections make grow once is not theirs: code, pools and the heap's first steps.
      for (const socket of await openMany(scenario.port, 2000)) socket.destroy()
      await sleep(1000)
      const before = process.residentBytes()
      const sockets = await openMany(scenario.port, connectionsWanted)
      await sleep(1000)
      const perConnection = (process.residentBytes() - before) / sockets.length
      for (const socket of sockets) socket.destroy()
      rows.push({ case: 'idle process', subject: peer.name, value: idle / 1024 / 1024, unit: 'MiB' })
      rows.push({
        case: 'idle connection',
        subject: peer.name,
        value: perConnection / 1024,
        unit: 'KiB',
        details: { connections: sockets.length },
      })
      if (peer.name === 'tidegate') {
        bars.push(atMost('idle process', 'resident MiB', idle / 1024 / 1024, 90))
        bars.push(atMost('idle connection', 'resident KiB', perConnection / 1024, 8))
      }
      await context.endCase()
    }
    return { rows, bars }
  },
}
