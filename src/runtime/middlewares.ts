/** Resolves middlewares: exactly one kind each, sound options, chains laid flat. */
import type { BoardAllocator } from '../board/allocator.ts'
import { httpMiddlewares } from '../config/routing/middlewares.ts'
import type { HttpMiddleware } from '../config/routing/routing.ts'
import type { MiddlewarePlan } from '../generation/plan.ts'
import { Draft, nearestObject } from './draft.ts'
import type { Merged } from './merge.ts'
import { middlewarePlan, type PlannedKind, type SharedMemory } from './middleware-plans.ts'
import { qualify } from './names.ts'
import type { MiddlewareInfo } from './state.ts'

/** A middleware while it is resolved. */
export class MiddlewareDraft extends Draft<HttpMiddleware> implements MiddlewareInfo {
  type = ''
  readonly usedBy: string[] = []
  plan: MiddlewarePlan | null = null
  /** Qualified members when it is a chain. */
  members: readonly string[] | null = null
}

/** Options of a middleware after files that they name have been read; returns an error text when that fails. */
export type ReadFiles = (kind: string, options: unknown) => { readonly options: unknown } | { readonly error: string }

/** What middlewares are resolved with. */
export interface MiddlewaresContext {
  readonly readMiddlewareFiles: ReadFiles
  readonly places: BoardAllocator
  readonly memory: SharedMemory
}

interface Kind extends PlannedKind {
  readonly built: boolean
  check?(options: unknown): string | undefined
}

/** Resolves every middleware. */
export function resolveMiddlewares(merged: Merged, context: MiddlewaresContext): Map<string, MiddlewareDraft> {
  const drafts = new Map<string, MiddlewareDraft>()
  for (const [name, { config, origin }] of merged.middlewares) {
    const draft = new MiddlewareDraft(name, config, origin)
    drafts.set(name, draft)
    resolveKind(draft, config, context)
  }
  for (const draft of drafts.values()) checkChain(draft, drafts)
  return drafts
}

function resolveKind(draft: MiddlewareDraft, config: HttpMiddleware, context: MiddlewaresContext): void {
  const options: Readonly<Record<string, unknown>> = config
  const kinds: readonly Kind[] = httpMiddlewares
  const present = kinds.filter((kind) => options[kind.key] !== undefined)
  const kind = present[0]
  if (kind === undefined) {
    draft.fail(`invalid middleware "${draft.name}" configuration: invalid middleware type or middleware does not exist`)
    return
  }
  draft.type = kind.key.toLowerCase()
  if (present.length > 1) {
    draft.fail(
      'cannot create middleware: multi-types middleware not supported, consider declaring two different pieces of middleware instead',
      {
        found: present.map((each) => each.key).join(', '),
      },
    )
    return
  }
  if (!kind.built) {
    draft.fail(`${kind.key}: not supported yet`)
    return
  }
  if (kind.key === 'chain') {
    draft.members = (config.chain?.middlewares ?? []).map((member) => qualify(member, draft.provider))
    return
  }
  const read = context.readMiddlewareFiles(kind.key, options[kind.key])
  if ('error' in read) {
    draft.fail(read.error)
    return
  }
  const problem = kind.check?.(read.options)
  if (problem !== undefined) draft.fail(problem)
  else draft.plan = middlewarePlan(draft.name, kind, read.options, { protocol: 'http', ...context })
}

function checkChain(draft: MiddlewareDraft, drafts: ReadonlyMap<string, MiddlewareDraft>): void {
  if (draft.members === null) return
  const problem = flatten([draft.name], drafts).error
  if (problem !== undefined) draft.fail(problem)
}

/** Lays chains flat. The error names what is missing, broken or recursive. */
export function flatten(
  names: readonly string[],
  drafts: ReadonlyMap<string, MiddlewareDraft>,
): { readonly names: string[]; readonly error?: string; readonly nearest?: string } {
  const flat: string[] = []
  const path: string[] = []
  const problem = walk(names, drafts, path, flat)
  return problem === undefined ? { names: flat } : { names: flat, ...problem }
}

function walk(
  names: readonly string[],
  drafts: ReadonlyMap<string, MiddlewareDraft>,
  path: string[],
  flat: string[],
): { error: string; nearest?: string } | undefined {
  for (const name of names) {
    if (path.includes(name))
      return { error: `could not instantiate middleware ${name}: recursion detected in ${[...path, name].join('->')}` }
    const draft = drafts.get(name)
    if (draft === undefined) {
      const nearest = nearestObject(name, drafts.keys(), name.slice(name.indexOf('@') + 1))
      return { error: `middleware "${name}" does not exist`, ...(nearest === undefined ? {} : { nearest }) }
    }
    if (draft.members === null) {
      if (draft.plan === null) return { error: draft.errors[0] ?? `middleware "${name}" cannot be built` }
      flat.push(name)
      continue
    }
    path.push(name)
    const problem = walk(draft.members, drafts, path, flat)
    path.pop()
    if (problem !== undefined) return problem
  }
  return undefined
}
