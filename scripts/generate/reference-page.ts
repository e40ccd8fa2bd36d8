/** Reference pages: a section for each part of a configuration, a row for each option. */
import type { SchemaNode } from '../../src/config/schema/inspect.ts'
import { scalarText } from '../../src/config/schema/raw.ts'
import { formatGoDuration } from '../../src/std/duration.ts'
import { notes } from './text.ts'

/** What stands above the sections. */
export interface PageHead {
  readonly title: string
  readonly lead: readonly string[]
}

interface Row {
  readonly path: string
  readonly node: SchemaNode
  readonly isOptional: boolean
}

/** Prints the reference page of a whole configuration. */
export function referencePage(root: SchemaNode, head: PageHead): string {
  const lines = [
    `# ${head.title}`,
    '',
    '<!-- Generated from the schemas by npm run generate. -->',
    '',
    ...head.lead,
    '',
    'Durations are whole seconds or texts such as `1m30s`. An object marked *alone* may be given without options (`x: {}`, `x: true`, `--x`).',
    'The default is what holds once the object around the option is there; *unset* is nothing at all.',
  ]
  for (const section of sections(root)) {
    lines.push('', section.path === topTitle ? `## ${topTitle}` : `## \`${section.path}\``, '')
    if (section.node.description !== undefined) lines.push([section.node.description, ...notes(section.node)].join(' '), '')
    lines.push('| Option | Type | Default | |', '| --- | --- | --- | --- |')
    for (const row of section.rows) lines.push(printRow(row))
  }
  return `${lines.join('\n')}\n`
}

interface Section {
  readonly path: string
  readonly node: SchemaNode
  readonly rows: Row[]
}

const topTitle = 'Top level'

/** How many names deep a section's own path may be. */
const sectionDepthMax = 4

/** An object becomes a section of its own as long as its path is short; what is below stands in its rows. */
function sections(root: SchemaNode): Section[] {
  const top: Section = { path: topTitle, node: { ...root, description: 'Options that stand by themselves.' }, rows: [] }
  const found: Section[] = [top]
  collect(root, '', top, found)
  return found.filter((section) => section.rows.length > 0)
}

function collect(node: SchemaNode, path: string, section: Section, found: Section[]): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    if (child.hidden === true || child.internal === true) continue
    const below = path === '' ? name : `${path}.${name}`
    const row: Row = { path: below, node: child, isOptional: node.required?.includes(name) !== true }
    const inner = child.kind === 'map' ? child.item : child.kind === 'list' ? child.items : child
    const innerPath = child.kind === 'map' ? `${below}.<name>` : child.kind === 'list' ? `${below}[n]` : below
    if (inner?.kind !== 'object') {
      section.rows.push(row)
      continue
    }
    const isSection = child.kind !== 'list' && innerPath.split('.').length <= sectionDepthMax && hasMembers(inner)
    if (isSection) {
      const own: Section = { path: innerPath, node: { ...inner, ...(child.built === false ? { built: false } : {}) }, rows: [] }
      if (child.allowEmpty === true) own.rows.push(row)
      found.push(own)
      collect(inner, innerPath, own, found)
    } else {
      section.rows.push(row)
      collect(inner, innerPath, section, found)
    }
  }
}

function hasMembers(node: SchemaNode): boolean {
  return Object.keys(node.properties ?? {}).length > 0
}

function printRow({ path, node, isOptional }: Row): string {
  const text = [node.description ?? '', ...notes(node)].filter((part) => part !== '').join(' ')
  return `| \`${path}\` | ${printType(node)} | ${printDefault(node, isOptional)} | ${text.replaceAll('|', '\\|')} |`
}

function printType(node: SchemaNode): string {
  switch (node.kind) {
    case 'bool':
      return 'boolean'
    case 'int':
    case 'bigint':
      return 'integer'
    case 'float':
      return 'number'
    case 'list':
      return node.items?.kind === 'object' ? 'list of objects' : 'list'
    case 'map':
      return 'map'
    case 'object':
      return node.allowEmpty === true ? 'object, *alone*' : 'object'
    default:
      return node.kind
  }
}

function printDefault(node: SchemaNode, isOptional: boolean): string {
  if (isOptional) return '*unset*'
  if (node.kind === 'object' || node.kind === 'map') return ''
  if (Array.isArray(node.default)) return node.default.length === 0 ? '' : node.default.map((item) => `\`${item}\``).join(', ')
  if (node.kind === 'duration') return `\`${formatGoDuration(Number(node.default))}\``
  const value = scalarText(node.default) ?? ''
  return value === '' ? '' : `\`${value}\``
}
