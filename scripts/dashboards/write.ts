import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DASHBOARDS, fileOf } from './dashboards.ts'

/* `npm run dashboards`: writes deploy/grafana/dashboards/ anew. A test holds that the files are what this writes. */

const FOLDER = join(import.meta.dirname, '../../deploy/grafana/dashboards')

for (const [file, dashboard] of Object.entries(DASHBOARDS))
  writeFileSync(join(FOLDER, file), fileOf(dashboard))
