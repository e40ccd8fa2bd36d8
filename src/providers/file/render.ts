/** Renders a routing file as a Go template, as Traefik does with every one of them; its data is `false`. */
import type { ConfigProblem } from '../../config/schema/problem.ts'
import { TemplateError } from '../../config/template/error.ts'
import { parseTemplate, type RenderedTemplate } from '../../config/template/template.ts'

/** The rendered text, which knows where its parts come from, or what is wrong with the template. */
export function renderRoutingTemplate(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): RenderedTemplate | ConfigProblem {
  try {
    return parseTemplate(text, { name: file, allowEnv: true, host: { env: (name) => env[name] } }).render(false)
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause
    const place = cause.line > 0 ? { line: cause.line, column: cause.column } : {}
    return { severity: 'error', path: '', message: `template: ${cause.reason}`, file, ...place }
  }
}
