import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { startBackend } from '../support/backend.ts'
import { askOnce, Client } from '../support/http-client.ts'
import { TestRouter } from '../support/test-router.ts'
import { until } from '../support/until.ts'
import { heapLimit, liveWorkers, order } from '../support/worker-threads.ts'

const install = (workers: number): string => `workers: ${workers}\nentryPoints: {web: {address: "127.0.0.1:0"}}`

async function started(t: TestContext, workers: number): Promise<TestRouter> {
  const { url } = await startBackend(t, 'served')
  const routing = `http: {routers: {all: {rule: "PathPrefix(\`/\`)", service: all}}, services: {all: {loadBalancer: {servers: [{url: "${url}"}]}}}}`
  return TestRouter.start(t, { install: install(workers), routing })
}

/**
 * Asks on new connections for as long as it runs. What the system had accepted for a listener that is closed just then is reset, which no program
 * can help (`net.ipv4.tcp_migrate_req` can); anything else that goes wrong is noted.
 */
class Load {
  answered = 0
  readonly wrong: string[] = []
  #isOn = true
  readonly #done: Promise<void>

  constructor(port: number) {
    this.#done = this.#run(port)
  }

  async stop(): Promise<void> {
    this.#isOn = false
    await this.#done
  }

  async #run(port: number): Promise<void> {
    while (this.#isOn) {
      const client = new Client(port)
      try {
        const { status } = await client.ask('/')
        if (status === 200) this.answered += 1
        else this.wrong.push(String(status))
      } catch (cause) {
        if (!String(cause).includes('ECONNRESET')) this.wrong.push(String(cause))
      }
      client.close()
    }
  }
}

describe('workers', () => {
  it('come and go without a refused connection', async (t) => {
    const router = await started(t, 1)
    const load = new Load(router.port('web'))
    for (const [count, threads] of [
      [3, 3],
      [1, 1],
      [0, 0],
      [2, 2],
    ] as const) {
      await router.reload(install(count))
      await until(`${threads} threads`, () => liveWorkers.length === threads)
      const before = load.answered
      await until('requests are answered', () => load.answered > before + 5)
    }
    await load.stop()
    assert.deepEqual(load.wrong, [])
  })

  const ends: Record<string, (worker: Worker) => void> = {
    'is terminated': (worker) => void worker.terminate(),
    'throws': (worker) => order({ thread: worker.threadId, what: 'throw' }),
    'runs out of heap': (worker) => order({ thread: worker.threadId, what: 'fill' }),
  }
  for (const [what, end] of Object.entries(ends)) {
    it(`are replaced when one ${what}, and the others go on`, async (t) => {
      heapLimit.mib = what === 'runs out of heap' ? 48 : 0
      t.after(() => (heapLimit.mib = 0))
      const router = await started(t, 2)
      const clients = Array.from({ length: 24 }, () => new Client(router.port('web')))
      t.after(() => {
        for (const client of clients) client.close()
      })
      const ports = await Promise.all(clients.map(async (client) => (await client.ask('/')).localPort))
      const [victim, other] = liveWorkers
      assert.ok(victim !== undefined && other !== undefined)
      end(victim)
      await until('another thread', () => liveWorkers.length === 2 && !liveWorkers.includes(victim))
      assert.equal(liveWorkers[0], other)
      const line = await router.logged(/^worker ended, starting another/)
      if (what !== 'is terminated') assert.match(line.message, /ordered by a test|memory/)
      // Connections of the other worker are the same; those of the dead one are made anew, on either.
      const answers = await Promise.all(clients.map((client) => client.ask('/').catch(() => client.ask('/'))))
      assert.ok(answers.every((answer) => answer.body === 'served'))
      const kept = answers.filter((answer, index) => answer.localPort === ports[index]).length
      assert.ok(kept > 0 && kept < clients.length, `${kept} of ${clients.length} connections kept`)
      await until('both serve the newest generation', async () => {
        router.route('http: {routers: {none: {rule: "Path(`/none`)", service: noop@internal}}}')
        const all = await Promise.all(Array.from({ length: 8 }, () => askOnce(router.port('web'), '/')))
        return all.every((answer) => answer?.status === 404)
      })
      assert.equal(router.log().filter((each) => each.message.startsWith('worker ended')).length, 1)
    })
  }

  it('that die again and again are started with pauses, and a reload does not wait for them', async (t) => {
    const router = await started(t, 1)
    for (let round = 0; round < 3; round += 1) {
      const worker = await until('a thread', () => liveWorkers[0])
      await worker.terminate()
      await until('it is noticed', () => router.log().filter((line) => line.message.startsWith('worker ended')).length > round)
    }
    await router.reload(`${install(2)}\nping: {entryPoint: web}`)
    await until('both are up', () => liveWorkers.length === 2)
    await until('ping is served', async () => (await askOnce(router.port('web'), '/ping'))?.body === 'OK')
  })
})
