/** Habits that no linter knows: banned calls with what to use instead, suppressions that say why, exported names that are explained. */
import { lineAt, withoutComments } from './sources.ts'
import type { SourceFile } from './sources.ts'

interface Ban {
  readonly pattern: RegExp
  readonly instead: string
  /** Paths, from the root, where it may stand. */
  readonly except: readonly string[]
}

/** Answers carry the time in their Date field, whatever clock the rest is given. */
const dateFields = ['src/proxy/http1/response-head.ts', 'src/proxy/http2/response-head.ts']

/** What the code of the product may not call, and where it may all the same. */
const bans: readonly Ban[] = [
  { pattern: /\bconsole\./g, instead: 'the process log of std', except: ['src/cli/', 'src/main.ts'] },
  { pattern: /\bMath\.random\(/g, instead: 'randomness as a parameter', except: ['src/std/'] },
  { pattern: /\bDate\.now\(|\bnew Date\(\)/g, instead: 'the clock of std', except: ['src/std/', 'src/cli/', 'src/app.ts', ...dateFields] },
  {
    pattern: /(?<![.\w])set(?:Timeout|Interval)\(/g,
    instead: 'the timers of std, or the timer wheel',
    except: ['src/std/', 'src/cli/', 'src/app.ts'],
  },
  {
    pattern: /\bnew RegExp\(/g,
    instead: 'compileRe2 of std: patterns of users run in linear time',
    except: ['src/std/', 'src/config/template/'],
  },
  { pattern: /\bprocess\.binding\(/g, instead: 'the transport', except: ['src/proxy/transport/'] },
  {
    pattern: /\bimport (?!type |\{ STATUS_CODES \})[^\n]* from 'node:http2?'/g,
    instead: 'the wire engines, in the data plane',
    except: ['src/providers/', 'src/health/', 'src/cli/', 'src/api/', 'src/demo/', 'src/runtime/', 'src/acme/', 'src/observability/'],
  },
  {
    pattern: /\bprocess\.env\b/g,
    instead: 'the environment as a parameter',
    except: [
      'src/main.ts',
      'src/cli/',
      'src/app.ts',
      'src/proxy/transport/',
      'src/proxy/serve/context.ts',
      'src/config/template/template.ts',
    ],
  },
]

/** Uses of banned calls in the product's code, as `file:line: what, use …`. A comment `tidy: reason` on the line or above it allows one. */
export function bannedCalls(file: SourceFile): string[] {
  const code = withoutComments(file.text)
  const lines = file.text.split('\n')
  const found: string[] = []
  for (const ban of bans.filter((each) => !each.except.some((place) => file.path.startsWith(place)))) {
    for (const match of code.matchAll(ban.pattern)) {
      const line = lineAt(code, match.index)
      const allowed = [lines[line - 1], lines[line - 2]].some((text) => /\/\/ tidy: .{10}/.test(text ?? ''))
      if (!allowed) found.push(`${file.path}:${line}: ${match[0]}…: use ${ban.instead}`)
    }
  }
  return found
}

const suppression = /\/[/*]\s*((?:oxlint|eslint)-disable\S*|@ts-(?:expect-error|ignore|nocheck))([^\n]*)/g

/** A suppression in a file, and what is wrong with it, if anything. */
export interface Suppression {
  readonly place: string
  readonly fault: string | undefined
}

/** Every suppression of a linter or the compiler. It names its rule and its reason on the same line, after ` -- ` or `: `. */
export function suppressions(file: SourceFile): Suppression[] {
  return [...file.text.matchAll(suppression)].map((match) => {
    const [, kind = '', rest = ''] = match
    const place = `${file.path}:${lineAt(file.text, match.index)}`
    if (kind === '@ts-ignore' || kind === '@ts-nocheck')
      return { place, fault: `${kind} hides errors that are not meant: use @ts-expect-error` }
    if (!kind.startsWith('@') && !/^\s+\w[\w@/-]*/.test(rest)) return { place, fault: `${kind} names no rule` }
    const reason = kind.startsWith('@') ? rest.replace(/^[\s:-]+/, '') : rest.split(' -- ')[1]
    return { place, fault: reason !== undefined && reason.trim().length >= 10 ? undefined : `${kind} gives no reason on its line` }
  })
}

/** Notes to oneself that were left behind. `TODO(#12): …` points to where it is kept. */
export function leftovers(file: SourceFile): string[] {
  return [...file.text.matchAll(/\b(?:FIXME|XXX|HACK)\b|\bTODO\b(?!\(#\d+\): )/g)].map(
    (match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[0]}`,
  )
}

const exported = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type) ([\w$]+)/gm

/** Exported names without a doc comment above them. */
export function undocumentedExports(file: SourceFile): string[] {
  return [...file.text.matchAll(exported)]
    .filter((match) => !file.text.slice(0, match.index).endsWith('*/\n') && !isOverload(file.text, match))
    .map((match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[1]}`)
}

/** Whether an export follows another signature of the same function, which carries the comment. */
function isOverload(text: string, match: RegExpExecArray): boolean {
  const before = text.slice(0, match.index).trimEnd().split('\n').at(-1) ?? ''
  return before.startsWith('export ') && before.includes(` ${match[1]}`)
}

/** Relative links and images of a Markdown page whose target `exists` does not know. */
export function brokenLinks(file: SourceFile, exists: (path: string) => boolean): string[] {
  const folder = file.path.includes('/') ? file.path.slice(0, file.path.lastIndexOf('/') + 1) : ''
  return [...file.text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .filter((match) => match[1] !== undefined && !/^[a-z]+:/.test(match[1]) && !exists(folder + match[1]))
    .map((match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[1]}`)
}
