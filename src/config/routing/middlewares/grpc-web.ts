import { type Static, defineMiddlewareOptions, object, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.grpcWeb@@ */
export const grpcWeb = defineMiddlewareOptions({
  key: 'grpcWeb',
  built: false,
  options: object('@@d:http.middlewares.<name>.grpcWeb@@', {
    allowOrigins: textList('@@d:http.middlewares.<name>.grpcWeb.allowOrigins@@'),
  }),
})

/** Options of `grpcWeb`. */
export type GrpcWebOptions = Static<typeof grpcWeb.options>
