/**
 * Checks passwords in helper threads, since a bcrypt hash of cost 10 takes 160 ms: the event loop never waits for one. Equal checks under way run
 * once, results are remembered for a short while, and no more than a stated number of checks wait (R40).
 */
import { createHmac, randomBytes } from 'node:crypto'
import { getAsset, isSea } from 'node:sea'
import { Worker } from 'node:worker_threads'
import { type CancelTimer, type Clock, systemClock } from '../../std/clock.ts'
import type { PasswordChecker } from '../http/middleware.ts'
import { isSlowHash, passwordBytesMax, verifyPassword } from './verify.ts'

/** Threads at most; they start when they are needed. */
const threadsMax = 2
/** A thread without work for this long ends, in milliseconds. */
const idleMs = 60_000
/** Checks that may wait for a thread. */
const waitingMax = 128
/** How long a result is remembered, in milliseconds. */
const rememberMs = 30_000
/** Matches that are remembered at most, and as many mismatches apart, so that guessing displaces no match. */
const rememberedMax = 4096

/** A checker with threads behind it. */
export interface PasswordThreads extends PasswordChecker {
  /** Ends the threads; checks that are under way are refused. */
  close(): Promise<void>
}

/** What checking needs of the outside; each has a default. */
export interface PasswordCheckerInput {
  readonly clock?: Clock
  readonly startThread?: () => HelperThread
}

/** A thread that checks one password at a time. */
export interface HelperThread {
  postMessage(job: { readonly password: string; readonly hash: string }): void
  on(event: 'message', listener: (matches: boolean) => void): unknown
  on(event: 'error' | 'exit', listener: () => void): unknown
  ref(): void
  unref(): void
  terminate(): Promise<unknown>
}

/** Makes a checker. No thread runs until the first slow hash is checked. */
export function createPasswordChecker(input: PasswordCheckerInput = {}): PasswordThreads {
  return new Checker(input.clock ?? systemClock, input.startThread ?? startThread)
}

/** The single executable holds the thread's program as text; elsewhere it is the file beside this one. */
function startThread(): HelperThread {
  if (isSea()) return new Worker(getAsset('passwords', 'utf8'), { eval: true })
  return new Worker(new URL(`thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
}

/** A check that runs or waits; everyone who asks the same shares it. */
class Job {
  readonly key: string
  readonly password: string
  readonly hash: string
  readonly result: Promise<boolean>
  settle: (matches: boolean) => void = () => {}
  refuse: (error: Error) => void = () => {}

  constructor(key: string, password: string, hash: string) {
    this.key = key
    this.password = password
    this.hash = hash
    this.result = new Promise((resolve, reject) => {
      this.settle = resolve
      this.refuse = reject
    })
  }
}

interface Helper {
  readonly thread: HelperThread
  job: Job | null
  cancelIdle: CancelTimer | null
}

/** Results by key; the oldest goes when there are too many. */
class Remembered {
  readonly #until = new Map<string, number>()

  add(key: string, untilMs: number): void {
    this.#until.delete(key)
    if (this.#until.size >= rememberedMax) {
      const [oldest] = this.#until.keys()
      if (oldest !== undefined) this.#until.delete(oldest)
    }
    this.#until.set(key, untilMs)
  }

  has(key: string, nowMs: number): boolean {
    const until = this.#until.get(key)
    if (until === undefined) return false
    if (until > nowMs) return true
    this.#until.delete(key)
    return false
  }
}

class Checker implements PasswordThreads {
  readonly #clock: Clock
  readonly #startThread: () => HelperThread
  /** Passwords are kept nowhere: what is remembered goes by a keyed hash. */
  readonly #secret = randomBytes(32)
  readonly #matches = new Remembered()
  readonly #mismatches = new Remembered()
  readonly #jobs = new Map<string, Job>()
  readonly #waiting: Job[] = []
  readonly #helpers = new Set<Helper>()
  #closed = false

  constructor(clock: Clock, start: () => HelperThread) {
    this.#clock = clock
    this.#startThread = start
  }

  check(password: string, hash: string): boolean | Promise<boolean> {
    if (!isSlowHash(hash)) return verifyPassword(password, hash)
    if (password.length > passwordBytesMax) return false
    const key = createHmac('sha256', this.#secret).update(`${hash}\n`, 'latin1').update(password, 'latin1').digest('latin1')
    const now = this.#clock.monotonicMs()
    if (this.#matches.has(key, now)) return true
    if (this.#mismatches.has(key, now)) return false
    const known = this.#jobs.get(key)
    if (known !== undefined) return known.result
    if (this.#closed || this.#waiting.length >= waitingMax) return Promise.reject(new Error('too many password checks wait'))
    const job = new Job(key, password, hash)
    this.#jobs.set(key, job)
    this.#waiting.push(job)
    this.#dispatch()
    return job.result
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#jobs.values()) job.refuse(new Error('password checks have ended'))
    this.#jobs.clear()
    this.#waiting.length = 0
    const helpers = [...this.#helpers]
    this.#helpers.clear()
    for (const helper of helpers) helper.cancelIdle?.()
    await Promise.all(helpers.map((helper) => helper.thread.terminate()))
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const helper = this.#helperOrNone()
      const job = helper === null ? undefined : this.#waiting.shift()
      if (helper === null || job === undefined) return
      helper.cancelIdle?.()
      helper.cancelIdle = null
      helper.job = job
      helper.thread.ref()
      helper.thread.postMessage({ password: job.password, hash: job.hash })
    }
  }

  /** A thread may fail to start, when the process can have no more: then checks wait for one that runs, or are refused when there is none. */
  #helperOrNone(): Helper | null {
    try {
      return this.#freeHelper()
    } catch (cause) {
      if (this.#helpers.size > 0) return null
      for (const job of this.#waiting.splice(0)) {
        this.#jobs.delete(job.key)
        job.refuse(new Error('no thread that checks passwords could be started', { cause }))
      }
      return null
    }
  }

  #freeHelper(): Helper | null {
    for (const helper of this.#helpers) if (helper.job === null) return helper
    if (this.#helpers.size >= threadsMax) return null
    const helper: Helper = { thread: this.#startThread(), job: null, cancelIdle: null }
    helper.thread.on('message', (matches) => this.#finish(helper, matches))
    // Either event ends the thread; a check that it had is refused rather than taken for a match or a mismatch.
    helper.thread.on('error', () => this.#lose(helper))
    helper.thread.on('exit', () => this.#lose(helper))
    this.#helpers.add(helper)
    return helper
  }

  #finish(helper: Helper, matches: boolean): void {
    const job = helper.job
    helper.job = null
    helper.thread.unref()
    if (job !== null) {
      this.#jobs.delete(job.key)
      const remembered = matches ? this.#matches : this.#mismatches
      remembered.add(job.key, this.#clock.monotonicMs() + rememberMs)
      job.settle(matches)
    }
    this.#dispatch()
    if (helper.job === null && this.#helpers.has(helper)) helper.cancelIdle = this.#clock.after(idleMs, () => this.#retire(helper))
  }

  #retire(helper: Helper): void {
    if (helper.job !== null || !this.#helpers.delete(helper)) return
    void helper.thread.terminate()
  }

  #lose(helper: Helper): void {
    helper.cancelIdle?.()
    if (!this.#helpers.delete(helper)) return
    const job = helper.job
    if (job !== null) {
      this.#jobs.delete(job.key)
      job.refuse(new Error('the thread that checked a password has ended'))
    }
    if (!this.#closed) this.#dispatch()
  }
}
