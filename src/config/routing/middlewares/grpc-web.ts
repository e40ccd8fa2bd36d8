import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** Translates gRPC-Web to gRPC. */
export const grpcWeb = defineMiddlewareOptions({
  key: 'grpcWeb',
  options: object('Translates gRPC-Web to gRPC.', {
    allowOrigins: textList('Origins that may call; `*` for all.'),
  }),
})

/** Options of `grpcWeb`. */
export type GrpcWebOptions = Static<typeof grpcWeb.options>
