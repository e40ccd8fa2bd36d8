/** Entry of the command line: argv in, exit code out. */
import { commands } from './cli/commands.ts'

process.exitCode = await commands(process.argv.slice(2))
