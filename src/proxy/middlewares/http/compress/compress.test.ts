import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MiddlewareRig, type RigSetup, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { respondText } from '../../../http/respond.ts'

const text = 'a text that is long enough to be worth it. '.repeat(100)

const reply: NonNullable<RigSetup['reply']> = (exchange) => {
  const [, size = '', type = ''] = /^\/(\w+)\/(.*)$/.exec(exchange.path) ?? []
  exchange.responseHeaders.set('Content-Type', decodeURIComponent(type))
  respondText(exchange, 200, size === 'long' ? text : 'short', null)
}

describe('compress', () => {
  const cases: readonly { what: string; path: string; accept: string; options?: object; encoding: string }[] = [
    { what: 'takes what the client can read', path: '/long/text/plain', accept: 'gzip', encoding: 'gzip' },
    { what: 'takes what the client likes best', path: '/long/text/plain', accept: 'gzip;q=0.5, br;q=0.8', encoding: 'br' },
    { what: 'leaves short answers alone', path: '/short/text/plain', accept: 'gzip', encoding: '' },
    { what: 'leaves gRPC alone', path: '/long/application/grpc', accept: 'gzip', encoding: '' },
    { what: 'leaves clients alone that read nothing', path: '/long/text/plain', accept: 'identity', encoding: '' },
    {
      what: 'leaves types out',
      path: '/long/text/plain',
      accept: 'gzip',
      options: { excludedContentTypes: ['text/plain'] },
      encoding: '',
    },
    {
      what: 'takes no type but those',
      path: '/long/text/plain',
      accept: 'gzip',
      options: { includedContentTypes: ['text/css'] },
      encoding: '',
    },
    {
      what: 'knows only the encodings that it is told',
      path: '/long/text/plain',
      accept: 'gzip, br',
      options: { encodings: ['br'] },
      encoding: 'br',
    },
  ]
  for (const { what, path, accept, options = {}, encoding } of cases) {
    it(what, async (t) => {
      const rig = await MiddlewareRig.start({ middlewares: [{ compress: options }], reply })
      t.after(() => rig.close())
      const plain = await rig.ask(`GET ${path}`)
      assert.deepEqual(valuesOf(plain, 'content-encoding'), [])
      const answer = await rig.ask(`GET ${path}\nAccept-Encoding: ${accept}`)
      assert.deepEqual(valuesOf(answer, 'content-encoding'), encoding === '' ? [] : [encoding])
      if (encoding !== '') assert.ok(answer.body.length < plain.body.length / 4, String(answer.body.length))
    })
  }
})
