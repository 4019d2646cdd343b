# Stands for systemd: receives the messages of sd_notify at the socket that is named, and prints each as one line.
import array, os, socket, sys

path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\0" + path[1:] if path.startswith("@") else path)
if not path.startswith("@"):
    os.chmod(path, 0o777)
print("open", flush=True)
while True:
    message, ancillary, _, _ = receiver.recvmsg(65536, socket.CMSG_SPACE(64))
    for level, kind, data in ancillary:
        # systemd-notify waits until the descriptor that it sends with BARRIER=1 is closed.
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors = array.array("i")
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
            for descriptor in descriptors:
                os.close(descriptor)
    print(message.decode().strip().replace("\n", " "), flush=True)
