import { type Static, bool, defineMiddlewareOptions, object, text, textList, textMap } from '../../schema/kit.ts'
import { headerProblem } from '../header-options.ts'

const encodings: readonly string[] = ['br', 'zstd', 'gzip']
const linkRules: readonly string[] = ['inside', 'never', 'anywhere']

/** Answers with files of a folder. */
export const staticFiles = defineMiddlewareOptions({
  key: 'staticFiles',
  options: object(
    'Answers GET and HEAD with files of a folder. Folders are never listed.',
    {
      root: text('The folder. Nothing outside of it is ever sent, but for what `symlinks` allows.'),
      index: text('Name of the file that stands for a folder; empty for none.', { default: 'index.html' }),
      fallback: text(
        'Path of the file, below the root, that is sent where there is none and the client takes HTML: for applications that route by themselves.',
      ),
      passThrough: bool('Whether requests for which there is no file, and other methods, go on to the service.'),
      precompressed: textList('Encodings of which files may lie beside the plain ones (`a.js.br`, `a.js.zst`, `a.js.gz`), best first.', {
        values: encodings,
      }),
      dotFiles: bool('Whether files and folders whose name begins with a dot are sent; `.well-known` always is.'),
      symlinks: text('Which symbolic links are followed: those that end inside the root, none, or all.', {
        default: 'inside',
        values: linkRules,
      }),
      cacheControl: text('Cache-Control of the answers; left out when empty.'),
      types: textMap('Media types by extension (`{wasm: application/wasm}`), in front of the built-in ones.'),
      headers: textMap('Further header fields of answers with a file.'),
    },
    { extension: true },
  ),
  check({ root, index, fallback, precompressed, symlinks, types, headers }) {
    if (root === '') return 'staticFiles.root: missing'
    if (root.includes('\0')) return 'staticFiles.root: no folder can have this name'
    if (/[/\\\0]/.test(index)) return `staticFiles.index: ${JSON.stringify(index)} is no file name`
    if (fallback.includes('\0') || fallback.split('/').includes('..'))
      return `staticFiles.fallback: ${JSON.stringify(fallback)} is no path below the root`
    const unknown = precompressed.find((name) => !encodings.includes(name))
    if (unknown !== undefined) return `staticFiles.precompressed: ${JSON.stringify(unknown)} is none of ${encodings.join(', ')}`
    if (!linkRules.includes(symlinks)) return `staticFiles.symlinks: ${JSON.stringify(symlinks)} is none of ${linkRules.join(', ')}`
    return headerProblem('staticFiles.types', types) ?? headerProblem('staticFiles.headers', headers)
  },
})

/** Options of `staticFiles`. */
export type StaticFilesOptions = Static<typeof staticFiles.options>
