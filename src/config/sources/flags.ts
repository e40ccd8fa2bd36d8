/** Flags of the command line, by the rules of Traefik's parser: any letter case, one dash or two, `--name=value` or `--name value`. */
import type { SchemaNode } from '../schema/inspect.ts'
import type { ConfigProblem } from '../schema/problem.ts'
import { splitPath } from './text-tree.ts'
import type { TextPair } from './text-tree.ts'

/** What the arguments hold. */
export interface ReadFlags {
  readonly pairs: readonly TextPair[]
  readonly problems: readonly ConfigProblem[]
}

/** Reads arguments into pairs. A flag that is given twice joins its values when it is a list, and else counts as given last. */
export function readFlags(argv: readonly string[], schema: SchemaNode): ReadFlags {
  const problems: ConfigProblem[] = []
  const found = new Map<string, TextPair>()
  let at = 0
  for (; at < argv.length; at += 1) {
    const argument = argv[at] ?? ''
    if (argument.length < 2 || !argument.startsWith('-') || argument === '--') break
    const body = argument.slice(argument.startsWith('--') ? 2 : 1)
    const equals = body.indexOf('=')
    const name = equals === -1 ? body : body.slice(0, equals)
    if (name === '' || name.startsWith('-')) {
      problems.push({ severity: 'error', path: '', message: `bad flag syntax: ${argument}` })
      continue
    }
    const path = splitPath(name)
    const node = findNode(schema, path)
    let value = equals === -1 ? undefined : body.slice(equals + 1)
    if (value === undefined) {
      if (node !== undefined && (node.kind === 'bool' || node.kind === 'object')) value = 'true'
      else {
        at += 1
        value = argv[at]
      }
    }
    if (value === undefined) {
      problems.push({ severity: 'error', path: name, message: `flag needs an argument: --${name}` })
      continue
    }
    add(found, { path, value, label: `--${name}` }, node?.kind === 'list')
  }
  const rest = argv[at]
  if (rest !== undefined && rest !== '--') {
    problems.push({ severity: 'warning', path: '', message: `arguments from ${JSON.stringify(rest)} on are ignored: it is no flag` })
  }
  return { pairs: [...found.values()], problems }
}

function add(found: Map<string, TextPair>, pair: TextPair, isList: boolean): void {
  const key = pair.path.join('.').toLowerCase()
  const known = found.get(key)
  // The spelling that came first stays, as in Traefik; it decides what a name in the path is called.
  if (known === undefined) found.set(key, pair)
  else found.set(key, { ...known, value: isList ? `${known.value},${pair.value}` : pair.value })
}

/** The schema of a flag; undefined when there is no such option. */
function findNode(schema: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema
  for (const name of path) {
    if (node === undefined) return undefined
    if (node.kind === 'map') node = node.item
    else if (node.kind === 'list') node = node.items
    else if (node.kind === 'object') {
      const lower = name.toLowerCase()
      const entry: [string, SchemaNode] | undefined = Object.entries(node.properties ?? {}).find(([key]) => key.toLowerCase() === lower)
      node = entry?.[1]
    } else return undefined
  }
  return node
}
