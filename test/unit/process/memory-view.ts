import type { FolderView, FilePresence } from '../../../src/process/system/folder-view.ts'

/** A disk of paths: `x` after the path = executable; a text = its beginning. */
export function memoryView(
  files: Readonly<Record<string, 'file' | 'executable' | { text: string; x?: boolean }>>,
): FolderView {
  const presence = (path: string): FilePresence => {
    const entry = files[path]
    if (entry === 'file' || entry === 'executable') return entry
    if (entry !== undefined) return entry.x === true ? 'executable' : 'file'
    return Object.keys(files).some((file) => file.startsWith(`${path}/`)) ? 'folder' : 'missing'
  }
  return {
    probe: presence,
    list: (folder) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${folder}/`))
      return [...new Set(inside.map((file) => file.slice(folder.length + 1).split('/')[0] as string))]
    },
    realPath: (path) => path,
    readHead: (path) => {
      const entry = files[path]
      return typeof entry === 'object' ? entry.text : ''
    },
  }
}

export const frameworkDependent = {
  text: '{"runtimeOptions":{"tfm":"net10.0","frameworks":[{"name":"Microsoft.AspNetCore.App","version":"10.0.0"}]}}',
}
export const selfContained = {
  text: '{"runtimeOptions":{"includedFrameworks":[{"name":"Microsoft.AspNetCore.App","version":"10.0.0"}]}}',
}
