import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MiddlewareRig, type RigSetup, valuesOf } from '../../../../../test/support/middleware-rig.ts'
import { HeaderList } from '../../../http/header-list.ts'

const message = Buffer.from([0, 0, 0, 0, 2, 7, 8])

const reply: NonNullable<RigSetup['reply']> = (exchange) => {
  exchange.body?.discard()
  exchange.status = 200
  exchange.responseHeaders.set('Content-Type', 'application/grpc')
  exchange.startResponse()
  exchange.sink.write(exchange, message)
  exchange.responseTrailers = new HeaderList()
  exchange.responseTrailers.add('Grpc-Status', '0')
  exchange.sink.end(exchange)
}

describe('grpcWeb', () => {
  it('asks the server in gRPC, and puts the trailers behind the messages', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ grpcWeb: { allowOrigins: ['*'] } }], reply })
    t.after(() => rig.close())
    const answer = await rig.ask('POST /S/M\nContent-Type: application/grpc-web+proto\nContent-Length: 0')
    assert.deepEqual(valuesOf(answer.seen, 'content-type'), ['application/grpc+proto'])
    assert.match(answer.body, /grpc-status: ?0/i)
    assert.ok(answer.body.includes(message.toString('latin1')))
  })

  it('leaves other requests alone', async (t) => {
    const rig = await MiddlewareRig.start({ middlewares: [{ grpcWeb: { allowOrigins: ['*'] } }] })
    t.after(() => rig.close())
    const answer = await rig.ask('POST /S/M\nContent-Type: application/json\nContent-Length: 0')
    assert.deepEqual([answer.status, valuesOf(answer.seen, 'content-type')], [200, ['application/json']])
  })
})
