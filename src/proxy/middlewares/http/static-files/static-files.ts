/** `staticFiles`: answers with files of a folder. */
import { resolve } from 'node:path'
import type { StaticFilesOptions } from '../../../../config/routing/middlewares/static-files.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { FileServer } from './file-server.ts'

/** Sends files; what there is no file for gets 404, or goes on to the service. */
export const staticFiles = defineMiddleware<StaticFilesOptions>({
  key: 'staticFiles',
  create(options, { wheel }) {
    const server = new FileServer(options, resolve(options.root), wheel.clock)
    return (next) => (exchange) => server.handle(exchange, next)
  },
})
