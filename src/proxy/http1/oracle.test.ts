import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  answers,
  compareAnswers,
  compareRequests,
  cuts,
  NodeOracle,
  readRequests,
  requestStreams,
} from '../../../test/support/http1-oracle.ts'

describe("The parsers beside Node's", () => {
  const oracle = new NodeOracle()

  it('both read a good stream alike', async () => {
    const text = `POST /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n`
    assert.equal(readRequests([text]).messages.length, 2)
    assert.deepEqual(await oracle.readRequests(text), readRequests([text]))
  })

  it('take the same requests, or ours takes fewer', async () => {
    await fc.assert(
      fc.asyncProperty(requestStreams, cuts, async (text, places) => {
        assert.equal(await compareRequests(oracle, text, places), '')
      }),
      { numRuns: 400 },
    )
  })

  it('read the same of answers that both take', async () => {
    await fc.assert(
      fc.asyncProperty(answers, cuts, fc.constantFrom('GET', 'HEAD'), async (text, places, method) => {
        assert.equal(await compareAnswers(oracle, text, places, method), '')
      }),
      { numRuns: 400 },
    )
  })
})
