// The control below public Node: every byte passed on unread, from one libuv handle to the other, without net.Socket.
// Nothing that runs in Node and has two connections can cost less; so it uses bindings that are none of our business
// otherwise, and exists in this benchmark alone.
process.noDeprecation = true
const { TCP, TCPConnectWrap, constants } = process.binding('tcp_wrap')
const { WriteWrap, kLastWriteWasAsync, kReadBytesOrError, streamBaseState } = process.binding('stream_wrap')

const bufferSize = 65_536

/** One of the two ends of a relayed connection. Its buffer is read into again and again, unless a write still needs it. */
class End {
  peer
  closed = false
  #handle
  #buffer = Buffer.allocUnsafeSlow(bufferSize)
  #pending = false
  #closing = false
  #write = new WriteWrap()

  constructor(handle) {
    this.#handle = handle
    handle.setNoDelay(true)
    handle.useUserBuffer(this.#buffer)
    handle.onread = () => this.#received(streamBaseState[kReadBytesOrError])
    this.#write.oncomplete = (status) => this.#written(status)
  }

  read() {
    if (!this.closed) this.#handle.readStart()
  }

  /** Closes once what is under way has been taken. */
  end() {
    if (this.#pending) this.#closing = true
    else this.close()
  }

  close() {
    if (this.closed) return
    this.closed = true
    this.#handle.close()
  }

  #received(count) {
    if (count === 0) return undefined
    if (count < 0) {
      this.close()
      this.peer.end()
      return undefined
    }
    if (this.peer.#takes(this.#buffer.subarray(0, count))) return undefined
    // The peer's connection is full: it keeps these bytes, and there is no reading until they are gone.
    if (!this.closed) this.#handle.readStop()
    this.#buffer = Buffer.allocUnsafeSlow(bufferSize)
    return this.#buffer
  }

  /** True if the system took all of it at once. */
  #takes(bytes) {
    if (this.closed) return true
    if (this.#handle.writeBuffer(this.#write, bytes) !== 0) {
      this.close()
      this.peer.close()
      return true
    }
    this.#pending = streamBaseState[kLastWriteWasAsync] !== 0
    // The write must not be collected, nor its bytes, before it is done.
    if (this.#pending) this.#write.bytes = bytes
    return !this.#pending
  }

  #written(status) {
    this.#pending = false
    this.#write.bytes = undefined
    if (status < 0 || this.#closing) {
      this.close()
      this.peer.close()
    } else this.peer.read()
  }
}

const server = new TCP(constants.SERVER)
server.onconnection = (error, accepted) => {
  if (error) return
  const handle = new TCP(constants.SOCKET)
  const connecting = new TCPConnectWrap()
  connecting.oncomplete = (status) => {
    if (status < 0) return accepted.close()
    const [client, upstream] = [new End(accepted), new End(handle)]
    client.peer = upstream
    upstream.peer = client
    client.read()
    upstream.read()
  }
  handle.connect(connecting, '127.0.0.1', Number(process.env.BENCH_UP))
}
const failure = server.bind('127.0.0.1', Number(process.env.BENCH_PORT)) || server.listen(4096)
if (failure) throw new Error(`cannot listen on 127.0.0.1:${process.env.BENCH_PORT}: error ${failure}`)
