/** Sprig's functions for paths with slashes, as Go's package `path` has them. */
import { fn, table, type TemplateFunctions } from '../call.ts'

/** Gives the shortest path that means the same. */
export function cleanPath(path: string): string {
  if (path === '') return '.'
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push('..')
  }
  const joined = kept.join('/')
  return rooted ? `/${joined}` : joined === '' ? '.' : joined
}

function base(path: string): string {
  if (path === '') return '.'
  const bare = path.replace(/\/+$/, '')
  return bare === '' ? '/' : bare.slice(bare.lastIndexOf('/') + 1)
}

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

const functions = {
  base: fn(['string'], (_, path) => base(path)),
  clean: fn(['string'], (_, path) => cleanPath(path)),
  dir: fn(['string'], (_, path) => cleanPath(path.slice(0, path.lastIndexOf('/') + 1))),
  ext: fn(['string'], (_, path) => extension(path)),
  isAbs: fn(['string'], (_, path) => path.startsWith('/')),
}

/** Functions for paths; those named `os…` follow the same rules on every system, so that a file means the same everywhere. */
export const pathFunctions: TemplateFunctions = table({
  ...functions,
  osBase: functions.base,
  osClean: functions.clean,
  osDir: functions.dir,
  osExt: functions.ext,
  osIsAbs: functions.isAbs,
})
