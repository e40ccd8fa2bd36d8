/** 10,000 routers by host against ten: the cost of a request must not depend on how many others there are, nor on where its own stands. */
import { join } from 'node:path'
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'

const script = join(import.meta.dirname, '..', 'load', 'hosts.lua')

/** The case. */
export const manyHosts: BenchCase = {
  name: '10,000 hosts',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const peer of context.peers.filter((each) => ['tidegate', 'traefik', 'nginx'].includes(each.name))) {
      const subjects: Subject[] = []
      for (const routers of [10, 10_000]) {
        const scenario = context.scenario({ routers, services: 10 })
        const process = await context.start(peer, scenario)
        const url = `http://127.0.0.1:${scenario.port}/`
        // A step without common divisor visits every host.
        const load = { url, connections: 64, seconds: 1, script, scriptArguments: [String(routers), '7'] }
        subjects.push({ name: `${peer.name}, ${routers}`, process, load })
      }
      const measured = await compare(this.name, subjects, context.rounds)
      rows.push(...measured)
      if (peer.name === 'tidegate') bars.push(atMost(this.name, 'CPU against ten', measured[1]?.ratio ?? Number.NaN, 1.05))
      await context.endCase()
    }
    return { rows, bars }
  },
}
