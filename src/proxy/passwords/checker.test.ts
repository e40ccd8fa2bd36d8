import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { createPasswordChecker, type HelperThread, type PasswordThreads } from './checker.ts'

const slow = (index: number): string => `$2y$05$${index}`

/** A thread whose answers the test gives. */
class TestThread implements HelperThread {
  readonly jobs: { readonly password: string; readonly hash: string }[] = []
  held = true
  ended = false
  #onMessage: (matches: boolean) => void = () => {}
  #onEnd: () => void = () => {}

  on(event: 'message' | 'error' | 'exit', listener: (matches: boolean) => void): void {
    if (event === 'message') this.#onMessage = listener
    else this.#onEnd = () => listener(false)
  }

  postMessage(job: { readonly password: string; readonly hash: string }): void {
    this.jobs.push(job)
  }

  ref(): void {
    this.held = true
  }

  unref(): void {
    this.held = false
  }

  answer(matches: boolean): void {
    this.#onMessage(matches)
  }

  async terminate(): Promise<void> {
    this.die()
  }

  die(): void {
    this.ended = true
    this.#onEnd()
  }
}

interface Bench {
  readonly clock: ManualClock
  readonly threads: TestThread[]
  readonly checker: PasswordThreads
}

function bench(): Bench {
  const clock = new ManualClock()
  const threads: TestThread[] = []
  const startThread = (): TestThread => {
    const thread = new TestThread()
    threads.push(thread)
    return thread
  }
  return { clock, threads, checker: createPasswordChecker({ clock, startThread }) }
}

describe('R40 password checks', () => {
  it('of equal passwords run once', async () => {
    const { threads, checker } = bench()
    const results = [checker.check('a', slow(1)), checker.check('a', slow(1)), checker.check('b', slow(1))].map((result) =>
      Promise.resolve(result),
    )
    assert.equal(threads.flatMap((thread) => thread.jobs).length, 2)
    threads[0]?.answer(true)
    threads[1]?.answer(false)
    assert.deepEqual(await Promise.all(results), [true, true, false])
  })

  it('are remembered for a while, by hash and password', async () => {
    const { clock, threads, checker } = bench()
    const [right, wrong] = [checker.check('a', slow(1)), checker.check('b', slow(1))]
    threads[0]?.answer(true)
    threads[1]?.answer(false)
    assert.deepEqual([await right, await wrong], [true, false])
    assert.deepEqual([checker.check('a', slow(1)), checker.check('b', slow(1))], [true, false])
    assert.ok(checker.check('a', slow(2)) instanceof Promise)
    threads[0]?.answer(false)
    clock.advance(30_000)
    assert.ok(checker.check('a', slow(1)) instanceof Promise)
    threads[0]?.answer(true)
  })

  it('wait for one of two threads, and no more than 128 do', async () => {
    const { threads, checker } = bench()
    const checks = Array.from({ length: 130 }, (_, index) => Promise.resolve(checker.check('a', slow(index))))
    assert.equal(threads.length, 2)
    await assert.rejects(Promise.resolve(checker.check('a', slow(200))), /too many password checks wait/)
    for (let round = 0; round < 65; round += 1) for (const thread of threads) thread.answer(true)
    assert.deepEqual(new Set(await Promise.all(checks)), new Set([true]))
    assert.deepEqual(
      threads.map((thread) => thread.jobs.length),
      [65, 65],
    )
    assert.deepEqual(
      threads.map((thread) => thread.held),
      [false, false],
    )
  })

  it('of cheap and impossible hashes are answered at once', () => {
    const { threads, checker } = bench()
    assert.equal(checker.check('dates', '{SHA}wJolZes+VR0LM7P1ERt/0LkCY/Q='), true)
    assert.equal(checker.check('x', 'plain'), false)
    assert.equal(checker.check('x'.repeat(5000), slow(1)), false)
    assert.equal(threads.length, 0)
  })

  it('are refused when their thread dies, and the next one gets another thread', async () => {
    const { threads, checker } = bench()
    const lost = Promise.resolve(checker.check('a', slow(1)))
    threads[0]?.die()
    await assert.rejects(lost, /thread that checked a password has ended/)
    const next = checker.check('a', slow(1))
    assert.equal(threads.length, 2)
    threads[1]?.answer(true)
    assert.equal(await next, true)
  })

  it('leave no thread behind that has nothing to do', async () => {
    const { clock, threads, checker } = bench()
    const first = checker.check('a', slow(1))
    threads[0]?.answer(true)
    await first
    clock.advance(59_999)
    assert.equal(threads[0]?.ended, false)
    clock.advance(1)
    assert.equal(threads[0]?.ended, true)
    const second = checker.check('a', slow(1))
    assert.equal(threads.length, 2)
    const closed = checker.close()
    await assert.rejects(Promise.resolve(second), /have ended/)
    await closed
    assert.ok(threads.every((thread) => thread.ended))
    await assert.rejects(Promise.resolve(checker.check('b', slow(1))))
    assert.equal(clock.pending, 0)
  })
})

describe('real threads', () => {
  it('check passwords while the event loop goes on', async () => {
    const checker = createPasswordChecker()
    const hash = '$2y$05$abcdefghijklmnopqrstuuhAIWwBMWjprsA2yeY4Tpg9JlT21zuxy'
    const checks = [
      checker.check('bananas', hash),
      checker.check('apples', hash),
      checker.check('cherries', '$apr1$8sFt66rZ$iu4e8kp4lJn.1PQwakSXj0'),
    ]
    assert.ok(checks.every((check) => check instanceof Promise))
    assert.deepEqual(await Promise.all(checks.map((check) => Promise.resolve(check))), [true, false, true])
    await checker.close()
  })
})
