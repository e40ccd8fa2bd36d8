/** The line to the API: where it is, what it says, and when that changes. */

/** Longest wait between two attempts after a failure, in milliseconds. */
const retryMsMax = 15000
/** Shortest time between two questions for changes, in milliseconds, should the API answer at once. */
const pauseMs = 1000

/** The API's address from the page's own: beside the dashboard, or below the base path where the dashboard has a router of its own. */
export function apiRoot(pathname, base) {
  return `${pathname.replace(/\/(?:dashboard\/?)?$/, '')}${base}/api/`
}

const root = typeof document === 'undefined' ? '/api/' : apiRoot(location.pathname, document.documentElement.dataset.base ?? '')

/** A refusal of the API, with its status. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** Asks the API for a path below its root; resolves with the value and the number of the next page, null when there is none. */
export async function ask(path, query = {}, signal) {
  const url = new URL(root + path, location.origin)
  for (const [name, value] of Object.entries(query)) if (value !== '' && value !== undefined) url.searchParams.set(name, value)
  const response = await fetch(url, { signal, headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'same-origin' })
  const text = await response.text()
  if (!response.ok) throw new ApiError(response.status, messageOf(text) ?? `${response.status} ${response.statusText}`)
  // Large integers, such as priorities, come as texts beside the numbers.
  const next = Number(response.headers.get('X-Next-Page') ?? '1')
  return { value: JSON.parse(text), next: next > 1 ? next : null }
}

function messageOf(text) {
  try {
    const { message } = JSON.parse(text)
    return typeof message === 'string' ? message : null
  } catch {
    return text.trim() === '' || text.length > 300 ? null : text.trim()
  }
}

/** Address of a path of the API, for links. */
export function apiLink(path) {
  return root + path
}

/** Follows changes until the page goes: `onChange` for each, `onState` with 'live' or 'lost'. Pauses while nobody looks. */
export async function follow(onChange, onState) {
  let mark = ''
  let failures = 0
  for (;;) {
    await untilVisible()
    try {
      const { value } = await ask('changes', { after: mark })
      if (failures > 0 || mark === '') onState('live')
      const changed = mark !== '' && value.mark !== mark
      if (changed || failures > 0) onChange()
      mark = value.mark
      failures = 0
      await sleep(pauseMs)
    } catch (cause) {
      failures += 1
      onState('lost', cause instanceof Error ? cause.message : String(cause))
      await sleep(Math.min(retryMsMax, 1000 * 2 ** Math.min(failures - 1, 10)))
    }
  }
}

function sleep(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function untilVisible() {
  if (document.visibilityState === 'visible') return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (document.visibilityState !== 'visible') return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
  })
}
