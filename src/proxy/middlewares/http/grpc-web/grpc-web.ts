/** `grpcWeb`: translates the calls of browsers to gRPC (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md). */
import { grpcWeb as grpcWebOptions, type GrpcWebOptions } from '../../../../config/routing/middlewares/grpc-web.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { Base64Body } from './base64-body.ts'
import { GrpcWebSink } from './grpc-web-sink.ts'
import { Origins } from './origins.ts'

const textType = 'application/grpc-web-text'
const binaryType = 'application/grpc-web'

/** Lets browsers call gRPC services. */
export const grpcWeb = defineMiddleware<GrpcWebOptions>({
  key: grpcWebOptions.key,
  create(options) {
    const origins = new Origins(options.allowOrigins)
    return (next) => (exchange) => {
      const { headers, method } = exchange
      if (method === 'OPTIONS' && origins.answerPreflight(exchange)) return undefined
      const type = headers.get('content-type') ?? ''
      if (method !== 'POST' || !type.startsWith(binaryType)) return next(exchange)
      const webType = type.startsWith(textType) ? textType : binaryType
      headers.set('Content-Type', `application/grpc${type.slice(webType.length)}`)
      if (webType === textType && exchange.body !== null) exchange.body = new Base64Body(exchange.body)
      const sink = new GrpcWebSink(exchange.sink, webType, origins)
      exchange.sink = sink
      exchange.addResponseHook(sink)
      return next(exchange)
    }
  },
})
