/**
 * Fuzzes the HTTP/1.1 parsers against Node's. Here is how it works: streams of requests and answers are made that are mostly right, changed at a
 * few places by bytes that parsers fall out over, cut into segments at random, and read by both. What both take must be the same; what
 * only we take must be of a kind that is meant. A difference is printed shrunk, with the seed that shows it again.
 *
 *     node fuzz/http1.ts [runs] [seed]
 */
import fc from 'fast-check'
import { answers, compareAnswers, compareRequests, cuts, NodeOracle, requestStreams } from '../test/support/http1-oracle.ts'

const runs = Number(process.argv[2] ?? 20_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const oracle = new NodeOracle()

console.log(`http1: ${runs} streams of requests and ${runs} answers, seed ${seed}`)
await fc.assert(
  fc.asyncProperty(requestStreams, cuts, async (text, places) => {
    const difference = await compareRequests(oracle, text, places)
    if (difference !== '') throw new Error(difference)
  }),
  { numRuns: runs, seed },
)
await fc.assert(
  fc.asyncProperty(answers, cuts, fc.constantFrom('GET', 'HEAD'), async (text, places, method) => {
    const difference = await compareAnswers(oracle, text, places, method)
    if (difference !== '') throw new Error(difference)
  }),
  { numRuns: runs, seed },
)
console.log('http1: no difference that is not meant')
