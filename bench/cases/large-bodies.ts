/** Bodies of 10 MiB, down and up, over eight connections. */
import { join } from 'node:path'
import { largeBodyBytes } from '../lib/backend.ts'
import type { BenchCase } from '../lib/context.ts'
import { compare } from '../lib/interleaved.ts'
import type { Subject } from '../lib/interleaved.ts'
import { atMost } from '../lib/report.ts'
import type { Bar, Row } from '../lib/report.ts'
import { wrk } from '../lib/wrk.ts'

const script = join(import.meta.dirname, '..', 'load', 'upload.lua')

/** The case. */
export const largeBodies: BenchCase = {
  name: '10 MiB bodies',
  async run(context) {
    const rows: Row[] = []
    const bars: Bar[] = []
    for (const way of ['download', 'upload'] as const) {
      const name = `${largeBodyBytes / 1024 / 1024} MiB ${way}`
      const subjects: Subject[] = []
      for (const peer of context.peers) {
        const scenario = context.scenario()
        const process = await context.start(peer, scenario)
        const url = `http://127.0.0.1:${scenario.port}/${way}`
        const load = way === 'upload' ? { url, connections: 8, script } : { url, connections: 8 }
        subjects.push({ name: peer.name, process, load: wrk(load) })
      }
      const measured = await compare(name, subjects, context.rounds)
      rows.push(...measured)
      const ours = measured.find((row) => row.subject === 'tidegate')
      if (ours?.ratio !== undefined && subjects[0]?.name === 'nginx') bars.push(atMost(name, 'CPU against nginx', ours.ratio, 0.7))
      if (ours) bars.push(atMost(name, 'resident MiB', Number(ours.details?.['MiB']), 200))
      await context.endCase()
    }
    return { rows, bars }
  },
}
