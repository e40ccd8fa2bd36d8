/** Checks server URLs the way Go's URL parser does, so that the same ones are refused. */

/** Why a server URL cannot be used at all; null when it can be tried. */
export function serverUrlProblem(url: string): string | null {
  const quoted = `parse ${JSON.stringify(url)}`
  // oxlint-disable-next-line no-control-regex -- Control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(url)) return `${quoted}: net/url: invalid control character in URL`
  if (url.startsWith(':')) return `${quoted}: missing protocol scheme`
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)
  if (scheme === null) {
    const segment = url.split('/', 1)[0] ?? ''
    return segment.includes(':') ? `${quoted}: first path segment in URL cannot contain colon` : null
  }
  const rest = url.slice(scheme[0].length)
  if (!rest.startsWith('//')) return null
  const authority = rest.slice(2).split(/[/?#]/, 1)[0] ?? ''
  const problem = authorityProblem(authority, quoted)
  if (problem !== null) return problem
  const path = rest.slice(2 + authority.length).split('?', 1)[0] ?? ''
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path)
  return escape === null ? null : `${quoted}: invalid URL escape ${JSON.stringify(escape[0])}`
}

function authorityProblem(authority: string, quoted: string): string | null {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const escape = /%(?![0-9A-Fa-f]{2})|%[0-9A-Fa-f]{2}/.exec(host)
  if (escape !== null && !host.startsWith('['))
    return `${quoted}: invalid URL escape ${JSON.stringify(host.slice(escape.index, escape.index + 3))}`
  if (/[ "<>\\^`{|}]/.test(host)) return `${quoted}: invalid character ${JSON.stringify(/[ "<>\\^`{|}]/.exec(host)?.[0])} in host name`
  const port = /:([^\]:]*)$/.exec(host)?.[1] ?? ''
  if (!/^\d*$/.test(port)) return `${quoted}: invalid port ${JSON.stringify(`:${port}`)} after host`
  return null
}
