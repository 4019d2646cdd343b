// The bench's own load, in a process of its own: node generate.mjs '{"kind":"load","port":…,"path":"/",…}'
import { loadHttp } from './http.mjs'
import { holdIdle } from './idle.mjs'
import { loadWebSocket } from './websocket.mjs'

const task = JSON.parse(process.argv[2])
if (task.kind === 'memory') await holdIdle(task)
else console.log(JSON.stringify(await (task.kind === 'echo' ? loadWebSocket(task) : loadHttp(task))))
process.exit(0)
