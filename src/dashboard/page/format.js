/** Texts for people: rules in pieces, counts, times, types. */

const tokens = /(`[^`]*`?|"(?:[^"\\]|\\.)*"?)|([A-Za-z]\w*)(?=\()|(&&|\|\||!)|([^`"&|!A-Za-z]+|[A-Za-z]\w*|.)/gu

/** Cuts a rule into pieces, each with what it is: 'text', 'name', 'sign' or 'rest'. */
export function rulePieces(rule) {
  return [...rule.matchAll(tokens)].map(([piece, text, name, sign]) => ({
    piece,
    is: text !== undefined ? 'text' : name !== undefined ? 'name' : sign !== undefined ? 'sign' : 'rest',
  }))
}

/** A count with its noun. */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A stretch of time in its largest unit. */
export function stretch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return counted(seconds, 'second')
  if (seconds < 3600) return counted(Math.floor(seconds / 60), 'minute')
  if (seconds < 2 * 86400) return counted(Math.floor(seconds / 3600), 'hour')
  return counted(Math.floor(seconds / 86400), 'day')
}

/** The end of a certificate, seen from now. */
export function untilEnd(endMs, nowMs) {
  return endMs < nowMs ? `expired ${stretch(nowMs - endMs)} ago` : `${stretch(endMs - nowMs)} left`
}

/** Where a problem stands: `file:line:column`, as far as it is known. */
export function placeOf({ file, line, column }) {
  return [file, line, column].filter((part) => part !== undefined && part !== '' && part !== 0).join(':')
}

const typeNames = {
  loadbalancer: 'Load balancer',
  highestrandomweight: 'Highest random weight',
  weighted: 'Weighted',
  mirroring: 'Mirroring',
  failover: 'Failover',
}

/** Name of a service's type. */
export function typeName(type) {
  return Object.hasOwn(typeNames, type ?? '') ? typeNames[type] : (type ?? '')
}

/** Key of the options in an object, whatever its letter case; undefined when the object has none of that type. */
export function optionsKey(object, type) {
  return Object.keys(object).find((key) => key.toLowerCase() === type)
}

/** A name qualified with the provider of whoever uses it. */
export function qualified(name, provider) {
  return name.includes('@') ? name : `${name}@${provider}`
}

/** Name and provider apart. */
export function nameParts(name) {
  const at = name.lastIndexOf('@')
  return at < 0 ? { local: name, provider: '' } : { local: name.slice(0, at), provider: name.slice(at + 1) }
}

/** What stands in a service: children with their weights, servers with their state. */
export function childrenOf(service) {
  const options = service[optionsKey(service, service.type ?? '') ?? '']
  if (options === undefined || options === null) return []
  const named = []
  if (typeof options.service === 'string') named.push({ name: options.service, note: 'main' })
  if (typeof options.fallback === 'string') named.push({ name: options.fallback, note: 'fallback' })
  for (const { name, weight } of options.services ?? []) if (typeof name === 'string') named.push({ name, note: `weight ${weight ?? 1}` })
  for (const { name, percent } of options.mirrors ?? [])
    if (typeof name === 'string') named.push({ name, note: `mirrors ${percent ?? 0} %` })
  return named
}

/** Servers of a service: address, weight, state ('' when nobody knows). */
export function serversOf(service) {
  const servers = service.loadBalancer?.servers ?? []
  const states = service.serverStatus ?? {}
  return servers.map((server) => {
    const address = server.url ?? server.address ?? ''
    return { address, weight: server.weight, state: Object.hasOwn(states, address) ? states[address] : '' }
  })
}
