/**
 * Sends datagrams at a steady rate from several sockets, and writes how many were sent and how many came back. Each carries its number: one that comes
 * twice counts once.
 *
 *     node bench/load/datagrams.ts --port=53 --perSecond=20000 --bytes=512 --clients=8 --seconds=3
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/** How long the last ones may take to come back, in milliseconds. */
const lastMs = 500

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    perSecond: { type: 'string', default: '20000' },
    bytes: { type: 'string', default: '512' },
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '3' },
  },
})
const wanted = Math.round(Number(values.perSecond) * Number(values.seconds))
const cameBack = new Uint8Array(wanted)
const payload = Buffer.alloc(Number(values.bytes))
let errors = 0

async function openClient(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  socket.on('error', () => (errors += 1))
  socket.on('message', (bytes) => {
    const number = bytes.readUInt32LE(0)
    if (bytes.length === payload.length && number < wanted) cameBack[number] = 1
    else errors += 1
  })
  socket.connect(Number(values.port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const clients = await Promise.all(Array.from({ length: Number(values.clients) }, openClient))
const started = performance.now()
let sent = 0
while (sent < wanted) {
  // As many as the clock asks for: a turn that was late sends more.
  const due = Math.min(wanted, Math.floor(((performance.now() - started) / 1000) * Number(values.perSecond)))
  for (; sent < due; sent += 1) {
    payload.writeUInt32LE(sent, 0)
    // A copy, since the system may take it later.
    clients[sent % clients.length]!.send(Buffer.from(payload))
  }
  await sleep(1)
}
const seconds = (performance.now() - started) / 1000
await sleep(lastMs)
for (const client of clients) client.close()
process.stdout.write(JSON.stringify({ sent, requests: cameBack.reduce((sum, one) => sum + one, 0), errors, seconds }))
