/** Exporters to StatsD and to a Datadog agent: datagrams, or a Unix stream socket. */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Metrics } from '../config/install/metrics.ts'
import { Deltas, type Delta } from './deltas.ts'
import type { PushExporter } from './push-loop.ts'
import type { Snapshot } from './snapshot.ts'
import { dogstatsdLines, isDotted, packLines, statsdLines } from './statsd-lines.ts'

/** Bytes of a datagram that pass Ethernet and usual tunnels whole. */
const datagramBytesMax = 1432
/** Bytes of a message over a stream socket. */
const messageBytesMax = 8192
/** How long sending may take, in milliseconds. */
const sendTimeoutMs = 5000

const defaultAddress = 'localhost:8125'
const defaultPrefix = 'traefik'

/** Where lines go to. */
export type StatsdTarget =
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'stream'; readonly path: string }

type Sending = Pick<
  NonNullable<Metrics['statsD']>,
  'pushInterval' | 'addEntryPointsLabels' | 'addRoutersLabels' | 'addServicesLabels' | 'prefix'
>
type Lines = (deltas: readonly Delta[], bounds: readonly number[], prefix: string) => string[]

/** The exporter to StatsD; throws when its address is none. */
export function statsdExporter(options: NonNullable<Metrics['statsD']>): PushExporter {
  return exporter('metrics.statsD', options, udpTarget(options.address || defaultAddress, 'metrics.statsD.address'), statsdLines)
}

/** The exporter to Datadog; throws when its address is none. What the environment says of the agent counts where no address is given. */
export function datadogExporter(options: NonNullable<Metrics['datadog']>, env: Readonly<Record<string, string | undefined>>): PushExporter {
  return exporter('metrics.datadog', options, datadogTarget(options.address, env), dogstatsdLines)
}

/** Where a Datadog address leads to. */
export function datadogTarget(address: string, env: Readonly<Record<string, string | undefined>>): StatsdTarget {
  const place = 'metrics.datadog.address'
  if (address === '' || address === defaultAddress) {
    const host = env['DD_AGENT_HOST'] || 'localhost'
    return udpTarget(`${host.includes(':') ? `[${host}]` : host}:${env['DD_DOGSTATSD_PORT'] || '8125'}`, place)
  }
  const unix = /^(unix|unixstream|unixgram):\/\/(.*)$/.exec(address)
  if (unix === null) return udpTarget(address, place)
  if (unix[1] === 'unixgram') throw new Error(`${place}: ${address}: Unix datagram sockets are not supported; use UDP or unixstream://`)
  return { kind: 'stream', path: unix[2] ?? '' }
}

function udpTarget(address: string, place: string): StatsdTarget {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(address)
  const port = Number(match?.[3])
  if (match === null || port < 1 || port > 65_535) throw new Error(`${place}: "${address}" is not host:port`)
  return { kind: 'udp', host: match[1] || match[2] || 'localhost', port }
}

function exporter(name: string, options: Sending, target: StatsdTarget, lines: Lines): PushExporter {
  const deltas = new Deltas()
  const prefix = options.prefix === '' ? defaultPrefix : options.prefix
  return {
    name,
    intervalMs: options.pushInterval,
    switches: options,
    async push(snapshot: Snapshot) {
      const told = lines(deltas.of(snapshot, isDotted), snapshot.bounds, prefix)
      if (target.kind === 'udp') await sendDatagrams(target, packLines(told, datagramBytesMax))
      else await sendMessages(target.path, packLines(told, messageBytesMax))
      deltas.commit(snapshot, isDotted)
    },
    close() {},
  }
}

async function sendDatagrams({ host, port }: { host: string; port: number }, packets: readonly Buffer[]): Promise<void> {
  const { address, family } = await lookup(host, { order: 'ipv4first' })
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    // Connected, so that the system tells when nobody listens there.
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(port, address, resolve)
    })
    for (const packet of packets) {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.send(packet, (error) => {
          socket.off('error', reject)
          if (error === null) resolve()
          else reject(error)
        })
      })
    }
  } finally {
    socket.on('error', () => {})
    socket.close()
  }
}

/** Messages with their length in front, four bytes, the lowest first, as agents read them from stream sockets. */
async function sendMessages(path: string, messages: readonly Buffer[]): Promise<void> {
  if (messages.length === 0) return
  await new Promise<void>((resolve, reject) => {
    const socket = connect(path)
    socket.setTimeout(sendTimeoutMs, () => socket.destroy(new Error(`${path}: no progress for ${sendTimeoutMs} ms`)))
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.resume()
    for (const message of messages) {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(message.length)
      socket.write(length)
      socket.write(message)
    }
    socket.end(() => socket.destroy())
  })
}
