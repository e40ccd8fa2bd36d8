/** Addresses within the page: hash routes as those of Traefik's dashboard, with what a list is narrowed to behind a question mark. */

/** What each protocol has. */
export const kindsOf = {
  http: ['routers', 'services', 'middlewares'],
  tcp: ['routers', 'services', 'middlewares'],
  udp: ['routers', 'services'],
}

/** Reads a hash: `{view, protocol, kind, name, query}`; an unknown one is the view 'missing'. */
export function parseRoute(hash) {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2)
  const query = Object.fromEntries(new URLSearchParams(search))
  const parts = path.split('/').filter((part) => part !== '')
  const [first, second, third] = parts.map(decode)
  if (parts.length === 0) return { view: 'overview', query }
  if (first === 'certificates' || first === 'entrypoints') {
    if (parts.length === 1) return { view: 'list', kind: first, query }
    return parts.length === 2 ? { view: 'details', kind: first, name: second, query } : { view: 'missing', query }
  }
  if (!Object.hasOwn(kindsOf, first) || !kindsOf[first].includes(second) || parts.length > 3) return { view: 'missing', query }
  if (parts.length === 2) return { view: 'list', protocol: first, kind: second, query }
  return { view: 'details', protocol: first, kind: second, name: third, query }
}

function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Path of a list or an object, in the page and in the API alike. */
export function pathOf(kind, protocol, name) {
  const list = protocol === undefined ? kind : `${protocol}/${kind}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

/** Address of a list or an object within the page. */
export function linkTo(kind, protocol, name, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined)
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`
  return `#/${pathOf(kind, protocol, name)}${search}`
}
