"""Many slow clients at once, in a process of their own. The test that starts it says in one JSON argument what they are:

  port   of 127.0.0.1
  count  how many
  alpn   the protocol that they negotiate in a TLS handshake; null: no TLS
  first  what each sends first, in Base64
  drip   what each sends four times a second, in Base64; null: nothing more
  reads  whether they read what they are sent. Those that do not read announce the smallest windows and segments, so that
         the system keeps next to nothing of an answer and the server has to hold it.

It prints `open N` when all have connected, and then `over N` whenever more of them have been ended by the server. It ends
when its standard input does. Python, because Node cannot choose windows and segments.
"""

import base64
import json
import resource
import select
import socket
import ssl
import sys
import threading
import time

spec = json.loads(sys.argv[1])
first = base64.b64decode(spec["first"])
drip = base64.b64decode(spec["drip"]) if spec["drip"] else b""
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
if spec["alpn"]:
    context.set_alpn_protocols([spec["alpn"]])

clients = {}
failed = 0
lock = threading.Lock()


def connect():
    client = socket.socket()
    if not spec["reads"]:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect(("127.0.0.1", spec["port"]))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if spec["alpn"]:
        client = context.wrap_socket(client, server_hostname="localhost")
    if first:
        client.sendall(first)
    client.setblocking(False)
    return client


def connect_some(count):
    global failed
    for _ in range(count):
        try:
            client = connect()
            with lock:
                clients[client.fileno()] = client
        except OSError:
            with lock:
                failed += 1


# The handshakes of some overlap, so that all stand there before the first of them are ended.
workers = 8
shares = [spec["count"] // workers + (1 if i < spec["count"] % workers else 0) for i in range(workers)]
threads = [threading.Thread(target=connect_some, args=(share,)) for share in shares]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("open", len(clients), flush=True)

poll = select.poll()
for number in clients:
    poll.register(number, select.POLLIN if spec["reads"] else 0)
poll.register(0, select.POLLIN)
over = failed


def is_over(client, events):
    if events & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
        return True
    try:
        while True:
            if client.recv(65536) == b"":
                return True
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


next_drip = time.monotonic() + 0.25
told = 0
while True:
    for number, events in poll.poll(100):
        if number == 0:
            sys.exit(0)
        client = clients[number]
        if is_over(client, events):
            poll.unregister(number)
            del clients[number]
            client.close()
            over += 1
    if over != told:
        told = over
        print("over", over, flush=True)
    if drip and time.monotonic() >= next_drip:
        next_drip = time.monotonic() + 0.25
        for client in list(clients.values()):
            try:
                client.send(drip)
            except OSError:
                pass
