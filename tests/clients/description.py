"""What linters say of docs/openapi.json, and schemathesis of the answers that it describes."""

import json
import time
from dataclasses import dataclass
from typing import Callable
from urllib.request import Request, urlopen

from generated import DOCUMENT, FOLDER, HERE, npm_tool, request_for, run, tool

READY_SECONDS = 120


def redocly():
    run(npm_tool("redocly"), "lint", DOCUMENT, "--config", HERE / "redocly.yaml", "--max-problems", "100", "--format", "stylish",
        REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")


def spectral():
    run(npm_tool("spectral"), "lint", DOCUMENT, "--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint")


def schemathesis(sandbox):
    register(sandbox)
    document = FOLDER / "events.json"
    document.write_text(json.dumps(with_schemas_of_events(json.loads(DOCUMENT.read_text()))))
    run(tool("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run", document, "--url", sandbox["api"],
        "--header", f"Authorization: Bearer {sandbox['tokens']['maintainer']}", cwd=FOLDER)


def with_schemas_of_events(node):
    """The document with a stream's schema in the place where schemathesis looks for the schema of one event.

    OpenAPI 3.1 has no place for it, so that the document describes the stream's text, with the events as its `contentSchema`.
    """
    if isinstance(node, list):
        return [with_schemas_of_events(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("contentMediaType") == "text/event-stream":
        return node["contentSchema"]["items"]
    return {key: with_schemas_of_events(value) for key, value in node.items()}


def register(sandbox):
    """A Ready cluster under the name of schemathesis.toml: a watch of it ends at once."""
    headers = {"Authorization": f"Bearer {sandbox['tokens']['maintainer']}", "Content-Type": "application/json"}
    address = f"{sandbox['api']}/api/v1/clusters/registered"
    body = json.dumps(request_for("10.9.1.1")).encode()
    urlopen(Request(address, body, headers, method="POST"))
    for _ in range(READY_SECONDS):
        with urlopen(Request(address, headers=headers)) as answer:
            if json.load(answer)["status"]["phase"] == "Ready":
                return
        time.sleep(1)
    raise RuntimeError("the cluster does not become ready")


@dataclass
class Check:
    act: Callable
    needs_sandbox: bool = False


CHECKS = {
    "redocly": Check(redocly),
    "spectral": Check(spectral),
    "schemathesis": Check(schemathesis, needs_sandbox=True),
}
