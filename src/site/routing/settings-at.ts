import type { WebConfig } from '../../config/model.ts'
import { PathTable } from './path-table.ts'

/** The settings that hold for a path: those of the part that it lies in, else those of the application. */
export type SettingsAt = Pick<WebConfig, 'sections' | 'handlers'>

/** The settings for one path; where many paths are asked for, a PathTable of all parts is kept instead. */
export function settingsAt(web: WebConfig, path: string): SettingsAt {
  const { parts = [] } = web
  if (parts.length === 0) return web
  return new PathTable(parts.map((part) => ({ path: part.path, application: part }))).find(path) ?? web
}
