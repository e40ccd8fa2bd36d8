/** Sends every datagram back to whom it came from. `node bench/load/echo.ts PORT` */
import { createSocket } from 'node:dgram'
import process from 'node:process'

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address))
socket.bind(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
