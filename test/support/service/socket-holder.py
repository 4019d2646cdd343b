# Stands for socket units of systemd: opens the sockets NAME=ADDRESS:PORT, runs the command behind `--` with them, and
# keeps them while the command is started anew, which SIGUSR1 asks for. SIGTERM and SIGHUP go on to the command.
import os, signal, socket, sys

split = sys.argv.index("--")
names, sockets = [], []
for spec in sys.argv[1:split]:
    name, place = spec.split("=", 1)
    address, port = place.rsplit(":", 1)
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if ":" in address:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    opened.bind((address, int(port)))
    opened.listen(4096)
    names.append(name)
    sockets.append(opened)


def start():
    pid = os.fork()
    if pid != 0:
        return pid
    # The sockets may themselves have the numbers that they are to get.
    copies = [os.dup2(opened.fileno(), 100 + i) for i, opened in enumerate(sockets)]
    for i, copy in enumerate(copies):
        os.dup2(copy, 3 + i)
        os.close(copy)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=":".join(names))
    for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])


again = False
child = start()


def restart(*_):
    global again
    again = True
    os.kill(child, signal.SIGTERM)


signal.signal(signal.SIGUSR1, restart)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(child, number))
while True:
    _, status = os.waitpid(child, 0)
    if not again:
        sys.exit(os.waitstatus_to_exitcode(status))
    again = False
    child = start()
