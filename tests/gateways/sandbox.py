"""The application before which the gateways stand: `cargo run`, and one that only counts what it is asked."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

WORKSPACE = Path(__file__).parents[2]

# The components are built first: four minutes where nothing is built yet.
START_SECONDS = 1200


@contextlib.contextmanager
def run_sandbox(folder, *arguments):
    """Runs the sandbox with data and log in a folder; gives what its ready file says."""
    folder.mkdir(parents=True)
    ready = folder / "ready.json"
    command = ["cargo", "run", "--quiet", "--", "--listen", "127.0.0.1:0", "--data", folder / "data"]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([*command, "--ready-file", ready, *arguments], cwd=WORKSPACE, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the sandbox does not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.2)
        yield json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


class BrokenApplication:
    """Takes connections, reads a request, and hangs up without an answer."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.requests = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    if request := connection.recv(65536):
                        self.requests.append(request.split(b"\r\n")[0].decode())

    def close(self):
        self.listener.close()


def free_port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
