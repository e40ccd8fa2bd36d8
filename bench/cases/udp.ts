/** UDP routers: 20,000 datagrams of 512 bytes a second from eight clients, each sent back by the server. */
import { join } from 'node:path'
import process from 'node:process'
import type { BenchCase, Context } from '../lib/context.ts'
import { datagrams, type DatagramResult } from '../lib/generators.ts'
import { measureLoad, median } from '../lib/load.ts'
import { type Peer, relaysUdp } from '../lib/peers.ts'
import { cores, type Measured, start } from '../lib/processes.ts'
import { atMost, type Bar, type Row } from '../lib/report.ts'

const perSecond = 20_000
const bytes = 512
const clients = 8
const attemptsMax = 100

interface Taken {
  readonly lost: number
  readonly sent: number
  readonly micros: number
}

/** Waits until a datagram comes back. */
async function untilAnswered(port: number): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { requests } = await datagrams({ port, perSecond: 100, bytes, clients: 1, seconds: 0.05 })
    if (requests > 0) return
  }
  throw new Error(`no datagram came back from port ${port}`)
}

async function take(port: number, measured: Measured, seconds: number): Promise<Taken> {
  const results: DatagramResult[] = []
  const load = async (): Promise<DatagramResult> => {
    const result = await datagrams({ port, perSecond, bytes, clients, seconds })
    results.push(result)
    return result
  }
  const { userMicros, systemMicros } = await measureLoad(measured, load, seconds)
  const { sent, requests, errors } = results[0]!
  if (errors > 0) throw new Error(`port ${port}: ${errors} datagrams failed`)
  return { lost: sent - requests, sent, micros: (userMicros + systemMicros) / requests }
}

async function startPeers(context: Context, backend: string): Promise<Map<string, { readonly port: number; readonly process: Measured }>> {
  const started = new Map<string, { readonly port: number; readonly process: Measured }>()
  for (const peer of context.peers.filter((each: Peer) => relaysUdp(each))) {
    const scenario = context.scenario({ protocol: 'udp', backend })
    const measured = await context.launch(peer, scenario)
    await untilAnswered(scenario.port)
    started.set(peer.name, { port: scenario.port, process: measured })
  }
  return started
}

/** The case. */
export const udp: BenchCase = {
  name: 'UDP 20,000 datagrams/s',
  async run(context) {
    const { port, folder } = context.scenario()
    const command = [process.execPath, join(import.meta.dirname, '..', 'load', 'echo.ts'), String(port)]
    const server = start('echo', { command, folder, core: cores.rest })
    try {
      await untilAnswered(port)
      const subjects = await startPeers(context, `127.0.0.1:${port}`)
      // What is lost without any proxy is the machine's.
      subjects.set('no proxy', { port, process: server })
      const taken = new Map<string, Taken[]>([...subjects.keys()].map((name) => [name, []]))
      for (let round = 0; round < context.rounds.rounds; round += 1) {
        for (const [name, subject] of subjects) taken.get(name)!.push(await take(subject.port, subject.process, context.rounds.seconds))
      }
      const rows = [...taken].map(([name, samples]): Row => {
        const lost = samples.map((sample) => sample.lost)
        return {
          case: this.name,
          subject: name,
          value: median(lost),
          unit: 'lost',
          details: {
            'most lost': Math.max(...lost),
            'sent': median(samples.map((sample) => sample.sent)),
            'µs CPU/datagram and answer': median(samples.map((sample) => sample.micros)),
          },
        }
      })
      const ours = rows.find((row) => row.subject === 'tidegate')
      const bars: Bar[] = ours === undefined ? [] : [atMost(this.name, 'lost', ours.value, 0)]
      return { rows, bars }
    } finally {
      await context.endCase()
      await server.end()
    }
  },
}
