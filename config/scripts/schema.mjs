// `npm run schema`: writes config/schema, the schemas with which editors complete and check web.config and the host file.
// They follow from the tables that the daemon reads these files by; a test compares the two.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadSource } from './load-source.mjs'
import { top } from './setup.mjs'

const { configSchemas, modules, sectionsOf } = await loadSource(`
export { configSchemas } from './src/config/schema/config-schemas.ts'
export { modules, sectionsOf } from './src/site/modules.ts'
`)
mkdirSync(join(top, 'config/schema'), { recursive: true })
for (const [name, text] of Object.entries(configSchemas(sectionsOf(modules)))) {
  writeFileSync(join(top, 'config/schema', name), text)
}
