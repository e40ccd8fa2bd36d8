/**
 * What floods cost (R31, R32): thousands of connections misbehave in one way at a time while others ask in order. Prints how much memory the router
 * took, the longest stall of a worker's event loop, how the floods ended, and whether those who behave were served.
 *
 *     node bench/floods.ts [--connections=10000] [--workers=1] [--seconds=5] [--only=TEXT]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  clientPreface,
  frameHead,
  frameType,
  headersFrames,
  pingFrame,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from '../src/proxy/http2/frames.ts'
import { startBackend } from './lib/backend.ts'
import { Context } from './lib/context.ts'
import { longestStalls, probedTidegate } from './lib/probe.ts'

/** Ports that no other benchmark uses. */
const firstPort = 23_500
/** Connections that begin in one turn. */
const atOnce = 200
/** What every flood together may take at most, in MiB above what the router takes at rest; see `heldBytesMax`. */
const memoryMaxMib = 512
/** Longest stall that a flood may cause, in milliseconds. */
const stallMaxMs = 50

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
})
const connections = Number(values.connections)
const seconds = Number(values.seconds)

const times = (count: number, make: (index: number) => string): string => Array.from({ length: count }, (_, index) => make(index)).join('')
const hello = clientPreface + settingsFrame([])
const block = '\x82\x86\x84\x01\x01a'
const request = (index: number, isEnd: boolean): string => headersFrames(1 + index * 2, block, isEnd, 16_384)

interface Flood {
  readonly name: string
  /** Sent when the connection is there. */
  readonly first: string
  /** Sent again and again after that; '' for those that only stay. */
  readonly again: string
  /** The client takes nothing of what it gets. */
  readonly isDeaf?: boolean
}

const floods: readonly Flood[] = [
  { name: 'nothing at all', first: '', again: '' },
  { name: 'slow head (HTTP/1.1)', first: 'GET / HTTP/1.1\r\n', again: 'X-A: 1\r\n' },
  {
    name: 'pipelined and unread (HTTP/1.1)',
    first: times(100, () => 'GET / HTTP/1.1\r\nHost: h0.bench.test\r\n\r\n'),
    again: '',
    isDeaf: true,
  },
  { name: 'rapid reset', first: hello, again: times(100, (index) => request(index, false) + resetFrame(1 + index * 2, 8)) },
  { name: 'provoked resets', first: hello, again: times(100, (index) => request(index, false) + windowUpdateFrame(1 + index * 2, 0)) },
  { name: 'empty DATA', first: hello + request(0, false), again: times(200, () => frameHead(0, frameType.data, 0, 1)) },
  {
    name: 'CONTINUATION without end',
    first: `${hello}${frameHead(1, frameType.headers, 0, 1)}\x82`,
    again: times(200, () => `${frameHead(1, frameType.continuation, 0, 1)}\x82`),
  },
  { name: 'SETTINGS', first: hello, again: times(100, () => settingsFrame([])) },
  { name: 'PING', first: hello, again: times(400, () => pingFrame('12345678', false)), isDeaf: true },
  { name: 'WINDOW_UPDATE', first: hello, again: times(500, () => windowUpdateFrame(0, 1)) },
  {
    name: 'header bomb',
    first: `${hello}${headersFrames(1, `${block}\x40\x01x\x7f\xa1\x17${'v'.repeat(3000)}${'\xbe'.repeat(10_000)}`, true, 16_384)}`,
    again: '',
  },
  {
    name: 'stalled windows',
    first: clientPreface + settingsFrame([[4, 0]]) + times(250, (index) => request(index, true)),
    again: '',
    isDeaf: true,
  },
]

interface Outcome {
  readonly refused: number
  readonly ended: number
}

/** Opens the connections and keeps the flood up for the time given. */
async function flood({ first, again, isDeaf = false }: Flood, port: number): Promise<Outcome> {
  const sockets: Socket[] = []
  let [refused, ended] = [0, 0]
  const bytes = [Buffer.from(first, 'latin1'), Buffer.from(again, 'latin1')] as const
  for (let count = 0; count < connections; count += 1) {
    const socket = connect(port, '127.0.0.1', () => {
      if (bytes[0].length > 0) socket.write(bytes[0])
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'connect') refused += 1
    })
    socket.once('close', () => (ended += 1))
    if (isDeaf) socket.pause()
    else socket.resume()
    sockets.push(socket)
    if (count % atOnce === atOnce - 1) await sleep(10)
  }
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    for (const socket of sockets) if (bytes[1].length > 0 && socket.writable && socket.writableLength === 0) socket.write(bytes[1])
    await sleep(200)
  }
  const outcome = { refused, ended }
  for (const socket of sockets) socket.destroy()
  return outcome
}

/** Asks once, as somebody who behaves; the time that it took, in milliseconds, or Infinity. */
function askOnce(port: number): Promise<number> {
  return new Promise((resolve) => {
    const started = performance.now()
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: h0.bench.test\r\nConnection: close\r\n\r\n'))
    let received = ''
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(received.startsWith('HTTP/1.1 200') ? performance.now() - started : Number.POSITIVE_INFINITY))
  })
}

const folder = mkdtempSync(join(tmpdir(), 'floods-'))
const backend = await startBackend(join(folder, 'backend'), firstPort)
const context = new Context({ folder, backend, peers: [], rounds: { rounds: 0, seconds: 0 }, firstPort: firstPort + 10 })
let isWithin = true
console.log(`${connections} connections in each flood, ${values.workers} workers, ${seconds} s\n`)
console.log(
  '| flood | MiB at rest | MiB at most | longest stall of a worker, ms | ended by the router | refused | others served | slowest of them, ms |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const each of floods.filter(({ name }) => name.includes(values.only))) {
  const stallsFile = join(folder, `${each.name.replaceAll(/\W/g, '-')}.jsonl`)
  const scenario = context.scenario()
  const router = await context.start(probedTidegate(Number(values.workers), stallsFile), scenario)
  await sleep(2000)
  const rest = router.residentBytes() / 1024 / 1024
  const { lines } = longestStalls(stallsFile)
  let [most, served, asked, slowest, isOver] = [rest, 0, 0, 0, false]
  const watching = (async () => {
    while (!isOver) {
      const [ms] = await Promise.all([askOnce(scenario.port), sleep(100)])
      asked += 1
      if (ms !== Number.POSITIVE_INFINITY) {
        served += 1
        slowest = Math.max(slowest, ms)
      }
      most = Math.max(most, router.residentBytes() / 1024 / 1024)
    }
  })()
  const { refused, ended } = await flood(each, scenario.port)
  isOver = true
  await watching
  await sleep(1000)
  const stall = Math.max(0, ...[...longestStalls(stallsFile, lines).byThread].filter(([thread]) => thread > 0).map(([, ms]) => ms))
  isWithin &&= most - rest <= memoryMaxMib && stall <= stallMaxMs && served === asked
  console.log(
    `| ${[each.name, rest.toFixed(0), most.toFixed(0), stall.toFixed(1), ended - refused, refused, `${served} of ${asked}`, slowest.toFixed(0)].join(' | ')} |`,
  )
  await context.endCase()
}
await backend.process.end()
rmSync(folder, { recursive: true, force: true })
console.log(
  `\n${isWithin ? 'within' : 'NOT within'} ${memoryMaxMib} MiB above rest and ${stallMaxMs} ms of stall, with everybody else served`,
)
process.exitCode = isWithin ? 0 : 1
