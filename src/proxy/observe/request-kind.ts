/** The labels of a request that are numbers while it runs: method and protocol. Their sets are closed, whatever clients send. */
import type { Exchange } from '../http/exchange.ts'
import { reasonStatus, type Reason } from '../http/reasons.ts'

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PRI',
  // Every other method.
  'EXTENSION_METHOD',
] as const

const protocols = ['http', 'sse', 'websocket', 'grpc', 'grpc-web'] as const

const [http, sse, websocket, grpc, grpcWeb] = [0, 1, 2, 3, 4] as const

/** Width of a kind: series are known by `code * kindsMax + kind`. */
export const kindsMax = 128

/** gRPC's code for an answer without a status of gRPC. */
const grpcUnknown = 2
const grpcStatusMax = 16

/** Method and protocol of a request as one number. */
export function requestKind(exchange: Exchange): number {
  return methodNumber(exchange.method) * 8 + protocolNumber(exchange)
}

/** The label `method` of a kind. */
export function methodOf(kind: number): string {
  return methods[kind >> 3] ?? 'EXTENSION_METHOD'
}

/** The label `protocol` of a kind. */
export function protocolOf(kind: number): string {
  return protocols[kind & 7] ?? 'http'
}

/** Whether a middleware may turn such requests into others. */
export function isGrpcWeb(kind: number): boolean {
  return (kind & 7) === grpcWeb
}

/** The code of a finished exchange: the status, or gRPC's where that is spoken. */
export function codeOf(exchange: Exchange, kind: number): number {
  if ((kind & 7) >= grpc) return grpcStatus(exchange)
  const { status } = exchange
  if (status === 0 && exchange.aborted !== null) return reasonStatus.client_gone
  return status >= 0 && status < 1000 ? status : 0
}

/** The code of a request that a server is done with; it may be asked again, so the exchange goes on. */
export function serverCodeOf(exchange: Exchange, kind: number, reason: Reason | null): number {
  if (reason !== null && !exchange.responseStarted) return reasonStatus[reason]
  if ((kind & 7) >= grpc) return grpcStatus(exchange)
  const status = exchange.originStatus
  return status >= 0 && status < 1000 ? status : 0
}

function methodNumber(method: string): number {
  switch (method) {
    case 'GET':
      return 0
    case 'HEAD':
      return 1
    case 'POST':
      return 2
    case 'PUT':
      return 3
    case 'DELETE':
      return 4
    case 'CONNECT':
      return 5
    case 'OPTIONS':
      return 6
    case 'TRACE':
      return 7
    case 'PATCH':
      return 8
    case 'PRI':
      return 9
    default:
      return 10
  }
}

function protocolNumber(exchange: Exchange): number {
  if (exchange.upgrade === 'websocket') return websocket
  const { headers } = exchange
  const accept = headers.get('accept')
  if (accept !== undefined && accept.length >= 17 && acceptsEvents(accept)) return sse
  const type = headers.get('content-type')
  if (type === undefined || !type.startsWith('application/grpc')) return http
  return type.startsWith('application/grpc-web') ? grpcWeb : grpc
}

const eventStream = 'text/event-stream'

/** Whether one item of the list is the type alone, in any case. */
function acceptsEvents(accept: string): boolean {
  if (accept === eventStream) return true
  if (!accept.toLowerCase().includes(eventStream)) return false
  return accept.split(',').some((item) => item.trim().toLowerCase() === eventStream)
}

function grpcStatus(exchange: Exchange): number {
  const text = exchange.responseTrailers?.get('grpc-status') ?? exchange.responseHeaders.get('grpc-status')
  if (text === undefined || text === '') return grpcUnknown
  const status = Number(text)
  return Number.isInteger(status) && status >= 0 && status <= grpcStatusMax ? status : grpcUnknown
}
