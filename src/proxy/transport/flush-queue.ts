/** Which transports of this thread have something queued, and when it is sent: at the end of the event being handled. */

/** Something that sends what it has queued. */
export interface Flushable {
  flush(): void
}

/** What is queued, up to `queued`; the array stays as long as it has become, so that no event makes another. */
const queue: (Flushable | null)[] = []
let queued = 0
let depth = 0
let isScheduled = false

/** Whether an event of a transport is being handled, so that its chunk is still valid. */
export function isInEvent(): boolean {
  return depth > 0
}

/** An event begins. */
export function enterEvent(): void {
  depth += 1
}

/** An event is over: everything that is queued leaves. */
export function leaveEvent(): void {
  depth -= 1
  if (depth === 0 && queued > 0) flushAll()
}

/** Orders a flush; call it once until `flush` comes. */
export function orderFlush(transport: Flushable): void {
  queue[queued] = transport
  queued += 1
  if (depth > 0 || isScheduled) return
  isScheduled = true
  queueMicrotask(flushScheduled)
}

const late: Flushable[] = []
let isLateScheduled = false

/** Orders a flush for the end of this turn of the event loop; call it once until `flush` comes. */
export function orderLateFlush(transport: Flushable): void {
  late.push(transport)
  if (isLateScheduled) return
  isLateScheduled = true
  setImmediate(flushLate)
}

function flushLate(): void {
  isLateScheduled = false
  for (let index = 0; index < late.length; index += 1) late[index]!.flush()
  late.length = 0
}

function flushScheduled(): void {
  isScheduled = false
  flushAll()
}

function flushAll(): void {
  // What a flush queues anew is sent as well.
  for (let index = 0; index < queued; index += 1) {
    const transport = queue[index]
    queue[index] = null
    transport?.flush()
  }
  queued = 0
}
