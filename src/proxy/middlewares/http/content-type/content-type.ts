/** `contentType`: finds the media type of answers that have none by their first bytes. */
import { contentType as contentTypeOptions, type ContentTypeOptions } from '../../../../config/routing/middlewares/content-type.ts'
import { defineMiddleware } from '../../../http/middleware.ts'
import { SniffingSink } from '../../../http/sniffing-sink.ts'

/** Gives answers without Content-Type the one that their body looks like; `autoDetect: false` leaves them as they are. */
export const contentType = defineMiddleware<ContentTypeOptions>({
  key: contentTypeOptions.key,
  isPure: true,
  create(options) {
    if (options.autoDetect === false) return (next) => next
    return (next) => (exchange) => {
      exchange.sink = new SniffingSink(exchange.sink)
      return next(exchange)
    }
  },
})
