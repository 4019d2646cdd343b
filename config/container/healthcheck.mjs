// Ends with 0 if the daemon accepts connections on this port and its event loop works: it closes a connection that its
// client has half-closed. No request is made, so no application is started by it.
import { connect } from 'node:net'

const socket = connect(Number(process.argv[2] ?? '8080'), '127.0.0.1', () => socket.end())
socket.setTimeout(5000, () => process.exit(1))
socket.once('error', () => process.exit(1))
socket.once('close', () => process.exit(0)).resume()
