import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testMiddlewareContext } from '../../../../../test/support/middleware-context.ts'
import { checkMiddleware } from '../../../../../test/support/middleware-rig.ts'
import { testExchange } from '../../../../../test/support/upstream-rig.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { inFlightReq } from './in-flight-req.ts'

describe('inFlightReq', () => {
  it('refuses what is above the amount, for each source by itself, until one is over', async () => {
    const { options } = checkMiddleware({ inFlightReq: { amount: 2, sourceCriterion: { requestHeaderName: 'X-User' } } })
    const handler = inFlightReq.create(options, testMiddlewareContext())(() => {})
    const ask = async (user: string): Promise<{ exchange: Exchange; status: number }> => {
      const { exchange, sink } = testExchange({ headers: [['X-User', user]] })
      await handler(exchange)
      return { exchange, status: sink.status }
    }
    const first = await ask('ann')
    assert.deepEqual([first.status, (await ask('ann')).status, (await ask('bob')).status], [0, 0, 0])
    const refused = await ask('ann')
    assert.deepEqual([refused.status, refused.exchange.reason], [429, 'too_many_in_flight'])
    first.exchange.finish()
    assert.equal((await ask('ann')).status, 0)
    assert.equal((await ask('ann')).status, 429)
  })
})
