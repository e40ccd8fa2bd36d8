import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MiddlewareRig, type RigSetup } from '../../../../../test/support/middleware-rig.ts'
import { respondText } from '../../../http/respond.ts'

/** Answers 503 so many times, then 200. */
function failing(times: number): { readonly asked: () => number; readonly reply: NonNullable<RigSetup['reply']> } {
  let asked = 0
  return {
    asked: () => asked,
    reply: (exchange) => {
      asked += 1
      exchange.originStatus = asked > times ? 200 : 503
      respondText(exchange, exchange.originStatus, `answer ${asked}`, null)
    },
  }
}

describe('retry', () => {
  const cases: readonly { what: string; options: object; request: string; failures: number; status: number; asked: number }[] = [
    { what: 'sends again until an answer is good', options: { attempts: 4 }, request: 'GET /', failures: 2, status: 200, asked: 3 },
    { what: 'passes the last answer on', options: { attempts: 3 }, request: 'GET /', failures: 9, status: 503, asked: 3 },
    { what: 'sends what may be done once only once', options: { attempts: 3 }, request: 'POST /', failures: 9, status: 503, asked: 1 },
    {
      what: 'sends that again where it is told to',
      options: { attempts: 3, retryNonIdempotentMethod: true },
      request: 'POST /',
      failures: 1,
      status: 200,
      asked: 2,
    },
    { what: 'does nothing with one attempt', options: { attempts: 1 }, request: 'GET /', failures: 1, status: 503, asked: 1 },
    {
      what: 'keeps within its budget',
      options: { attempts: 3, budget: { percent: 0, minConcurrency: 0 } },
      request: 'GET /',
      failures: 9,
      status: 503,
      asked: 1,
    },
    {
      what: 'passes other answers on',
      options: { attempts: 3, status: ['500-502'] },
      request: 'GET /',
      failures: 1,
      status: 503,
      asked: 1,
    },
  ]
  for (const { what, options, request, failures, status, asked } of cases) {
    it(what, async (t) => {
      const server = failing(failures)
      const rig = await MiddlewareRig.start({ middlewares: [{ retry: { status: ['503'], ...options } }], reply: server.reply })
      t.after(() => rig.close())
      assert.equal((await rig.ask(request)).status, status)
      assert.equal(server.asked(), asked)
    })
  }
})
