"""Envoy and NGINX with the files of deploy/gateways, in which nothing but addresses and certificates is replaced."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import yaml

from client import Client
from sandbox import WORKSPACE, free_port

FILES = WORKSPACE / "deploy/gateways"
HOST = "clusters.example.com"


def make_certificate(folder):
    """A certificate for the host name, signed by itself."""
    name = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    out = ["-keyout", folder / "clusters.key", "-out", folder / "clusters.crt"]
    subprocess.run(["openssl", "req", "-x509", "-days", "1", *key, *name, *out], check=True, capture_output=True)
    return folder / "clusters.crt"


def replace_once(text, old, new):
    """Replaces what has to stand there exactly once."""
    if text.count(old) != 1:
        raise RuntimeError(f"deploy/gateways: {old!r} stands {text.count(old)} times, not once")
    return text.replace(old, new)


def configure_envoy(direct, port, upstream, folder):
    text = (FILES / "envoy.yaml").read_text()
    text = replace_once(text, "address: 0.0.0.0, port_value: 443", f"address: 127.0.0.1, port_value: {port}")
    text = replace_once(text, "port_value: 3000", f"port_value: {upstream}")
    config = yaml.safe_load(text.replace("/etc/envoy/tls", str(folder)))
    if direct:
        routes = yaml.safe_load((FILES / "direct/envoy-routes.yaml").read_text())["routes"]
        manager = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        manager["route_config"]["virtual_hosts"][0]["routes"] = routes
    path = folder / f"envoy-{port}.json"
    path.write_text(json.dumps(config))
    program = Path(sys.executable).with_name("envoy")
    return [program, "--config-path", path, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]


NGINX_MAIN = """
daemon off; master_process off; pid {folder}/nginx-{port}.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def configure_nginx(direct, port, upstream, folder):
    site = (FILES / "nginx.conf").read_text()
    site = replace_once(site, "listen 443 ", f"listen 127.0.0.1:{port} ")
    site = replace_once(site, "server 127.0.0.1:3000", f"server 127.0.0.1:{upstream}")
    site = site.replace("/etc/nginx/tls", str(folder))
    if direct:
        head, found, _ = site.partition("    # Where requests go;")
        if not found:
            raise RuntimeError("deploy/gateways/nginx.conf: the locations are not where they were")
        site = head + (FILES / "direct/nginx-locations.conf").read_text() + "}\n"
    path = folder / f"nginx-{port}.conf"
    path.write_text(NGINX_MAIN.format(folder=folder, port=port, site=site))
    return ["nginx", "-e", "stderr", "-c", path]


CONFIGURE = {"envoy": configure_envoy, "nginx": configure_nginx}


class Setup:
    """One gateway before one application: every check starts it anew, so that no limit is used up."""

    def __init__(self, kind, direct, sandbox, folder):
        self.kind, self.direct, self.sandbox, self.folder = kind, direct, sandbox, folder
        self.name = f"{kind}, direct" if direct else kind
        self.token = sandbox["tokens"]["maintainer"]
        self.application = int(sandbox["api"].rsplit(":", 1)[1])

    @contextlib.contextmanager
    def start(self, upstream=None):
        """Runs the gateway before the sandbox, or before another port; gives a client of it."""
        port = free_port()
        command = CONFIGURE[self.kind](self.direct, port, upstream or self.application, self.folder)
        log = self.folder / f"{self.kind}-{port}.log"
        with open(log, "w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            wait_for_listener(process, port, log)
            yield Client(port, HOST, self.folder, self.token)
        finally:
            process.terminate()
            process.wait(10)


def wait_for_listener(process, port, log):
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the gateway does not start:\n{log.read_text()}")
