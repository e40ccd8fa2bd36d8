/**
 * 10,000 routers by host against ten: the cost of a request must not depend on how many others there are, nor on where its own stands. The same
 * number of hosts is asked for in both, spread from the first router to the last; what it costs to ask for all 10,000 in turn, which no
 * processor's cache holds, stands beside it.
 */
import { join } from 'node:path'
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'
import { wrk } from '../lib/wrk.ts'

const script = join(import.meta.dirname, '..', 'load', 'hosts.lua')
const many = 10_000

/** The case. */
export const manyHosts: BenchCase = {
  name: '10,000 hosts',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const peer of context.peers.filter((each) => ['tidegate', 'traefik', 'nginx'].includes(each.name))) {
      const few = context.scenario({ routers: 10, services: 10 })
      const full = context.scenario({ routers: many, services: 10 })
      const [fewProcess, fullProcess] = [await context.start(peer, few), await context.start(peer, full)]
      const subject = (name: string, isFull: boolean, asked: number): Subject => ({
        name: `${peer.name}, ${name}`,
        process: isFull ? fullProcess : fewProcess,
        load: wrk({
          url: `http://127.0.0.1:${(isFull ? full : few).port}/`,
          connections: 64,
          script,
          scriptArguments: [String(isFull ? many : 10), String(asked)],
        }),
      })
      const subjects = [
        subject('ten of ten', false, 10),
        subject('ten of 10,000', true, 10),
        subject('the last of 10,000', true, 1),
        subject('all of 10,000', true, many),
      ]
      const measured = await compare(this.name, subjects, context.rounds)
      rows.push(...measured)
      if (peer.name === 'tidegate') {
        bars.push(atMost(this.name, 'CPU against ten', measured[1]?.ratio ?? Number.NaN, 1.05))
        bars.push(atMost(this.name, 'CPU of the last against ten', measured[2]?.ratio ?? Number.NaN, 1.05))
      }
      await context.endCase()
    }
    return { rows, bars }
  },
}
