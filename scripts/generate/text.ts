/** Texts about options that editor schemas and reference pages share. */
import type { SchemaNode } from '../../src/config/schema/inspect.ts'

/** Whether a file can set the option. */
export function isSettableInFiles(node: SchemaNode): boolean {
  return node.hidden !== true && node.internal !== true && (node.only === undefined || node.only.includes('file'))
}

/** What there is to say about an option besides its description, a sentence each. */
export function notes(node: SchemaNode): string[] {
  const found: string[] = []
  if (node.effective !== undefined) found.push(`When left empty: ${node.effective}.`)
  if (node.values !== undefined) found.push(`One of ${node.values.join(', ')}.`)
  if (node.fileOrContent === true) found.push('A file, or the content itself.')
  if (node.deprecated !== undefined) found.push(`Deprecated: ${node.deprecated}.`)
  if (node.noEffect === true) found.push('No effect.')
  if (node.built === false) found.push('Not supported yet.')
  if (node.extension === true) found.push('Not in Traefik.')
  if (node.noLabel === true) found.push('Not settable by labels.')
  if (node.labelAs !== undefined) found.push(`In labels: \`${node.labelAs}\`, without a number.`)
  if (node.only !== undefined && !node.only.includes('file')) found.push(`Only from ${node.only.map(sourceName).join(' and ')}.`)
  return found
}

function sourceName(source: string): string {
  return source === 'kv' ? 'key/value stores' : `${source}s`
}
