/**
 * Many WebSockets in a process of its own, since each process may have so many descriptors only. As a server (`serve`) it echoes; as clients
 * (`open PORT COUNT`) it opens them all, and has each of them say something when it is told to. It speaks to its parent by messages.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import process from 'node:process'
import { WebSocket, WebSocketServer } from 'ws'

/** Handshakes under way at a time. */
const atOnce = 200

const [mode, port = '', count = ''] = process.argv.slice(2)
if (mode === 'serve') serve()
else await open(Number(port), Number(count))

function serve(): void {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.send?.(server.address()))
}

async function open(to: number, wanted: number): Promise<void> {
  const sockets: WebSocket[] = []
  const openNext = async (): Promise<void> => {
    while (sockets.length < wanted) {
      const socket = new WebSocket(`ws://127.0.0.1:${to}/ws`, { perMessageDeflate: false })
      sockets.push(socket)
      await once(socket, 'open')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, openNext))
  process.send?.({ open: sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length })
  const codes = Promise.all(sockets.map((socket) => new Promise<number>((resolve) => socket.once('close', resolve))))
  await once(process, 'message')
  const answers = await Promise.all(
    sockets.map(async (socket, index) => {
      const answered = once(socket, 'message')
      socket.send(`I am ${index}`)
      return String((await answered)[0]) === `I am ${index}`
    }),
  )
  process.send?.({ right: answers.filter(Boolean).length })
  const all = await codes
  process.send?.({ goneAway: all.filter((code) => code === 1001).length })
  process.disconnect?.()
}
