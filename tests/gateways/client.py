"""A caller: curl, which speaks HTTP/2 and trusts the gateway's certificate."""

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    version: str
    headers: list
    body: bytes

    def values(self, name):
        """All values of a header."""
        return [value for header, value in self.headers if header == name.lower()]

    def value(self, name):
        """The one value of a header, `None` where there is none."""
        values = self.values(name)
        assert len(values) < 2, f"{name} stands {len(values)} times: {values}"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class Client:
    """Sends requests to a gateway under its public name."""

    def __init__(self, port, host, folder, token):
        certificate = folder / "clusters.crt"
        self.folder, self.base = folder, f"https://{host}"
        self.curl = ["curl", "--silent", "--show-error", "--max-time", "90", "--cacert", certificate,
                     "--connect-to", f"{host}:443:127.0.0.1:{port}"]
        self.token = token

    def command(self, method, path, headers, body, options):
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        command = [*self.curl, "--head"] if method == "HEAD" else [*self.curl, "--request", method]
        for name, value in headers.items():
            command += ["--header", f"{name}: {value}"]
        if body is not None:
            command += ["--data-binary", "@-"]
        return [*command, *options, f"{self.base}{path}"]

    def send(self, method, path, headers=None, body=None, options=()):
        """One request and its whole answer."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as head, tempfile.NamedTemporaryFile(dir=self.folder) as out:
            written = ["--dump-header", head.name, "--output", out.name, "--write-out", "%{http_code} %{http_version}"]
            command = self.command(method, path, headers or {}, body, [*written, *options])
            result = subprocess.run(command, input=body, capture_output=True)
            status, version = result.stdout.decode().split()
            assert status != "000", result.stderr.decode()
            lines = (line.split(":", 1) for line in head.read().decode().splitlines() if ":" in line)
            pairs = [(name.lower(), value.strip()) for name, value in lines]
            return Answer(int(status), version, pairs, out.read())

    def stream(self, path):
        """Lines of an answer and the seconds after which each came."""
        command = self.command("GET", path, {}, None, ["--no-buffer"])
        started = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            lines = [(time.monotonic() - started, line.decode().strip()) for line in process.stdout]
        assert process.returncode == 0, f"the stream was cut off: {lines[-3:]}"
        return lines

    def send_many(self, count, path, headers):
        """Requests at once over one connection; their answers in no order."""
        folder = tempfile.mkdtemp(dir=self.folder)
        written = ["--parallel", "--parallel-max", str(count), "--output", f"{folder}/#1", "--dump-header", "/dev/null",
                   "--write-out", '{"status": %{http_code}, "file": "%{filename_effective}", "headers": %{header_json}}\\n,']
        command = self.command("GET", f"{path}?field_selector=cluster_name=n[1-{count}]", headers, None, written)
        text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        answers = json.loads(f"[{text.rstrip().rstrip(',')}]")
        return [Answer(answer["status"], "", [(name, value) for name, values in answer["headers"].items() for value in values],
                       open(answer["file"], "rb").read()) for answer in answers]
