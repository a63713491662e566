"""Clients of docs/openapi.json: generated, compiled, and used by the programs of `programs/`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

WORKSPACE = Path(__file__).parents[2]
HERE = Path(__file__).parent
FOLDER = WORKSPACE / "target/clients"
DOCUMENT = WORKSPACE / "docs/openapi.json"
GUIDE = WORKSPACE / "tests/cases/requests/v0.4/physical-worker-deployment.json"
PROGRAM_SECONDS = 300


def run(*command, cwd=WORKSPACE, **variables):
    """Runs a program; its output is shown where it fails."""
    result = subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **variables}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PROGRAM_SECONDS * 4)
    if result.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout[-8000:]}")
    return result.stdout


def tool(name):
    """A program of the Python environment that runs this."""
    return Path(sys.executable).with_name(name)


def npm_tool(name):
    return HERE / "node_modules/.bin" / name


def openapi_generator(generator, folder, properties):
    """openapi-generator, with its check of the document: what it warns of is what generators stumble over."""
    run(tool("openapi-generator-cli"), "generate", "--generator-name", generator, "--input-spec", DOCUMENT, "--output", folder,
        "--additional-properties", properties, "--global-property", "apiDocs=false,modelDocs=false,apiTests=false,modelTests=false")


def build_go(folder):
    openapi_generator("go", folder / "client", "packageName=nautes,withGoMod=true,disallowAdditionalPropertiesIfNotPresent=false")
    # The generator names the module after a repository.
    run("go", "mod", "edit", "-module", "example.com/nautes", cwd=folder / "client")
    run("go", "mod", "tidy", cwd=folder)
    run("go", "vet", "./...", cwd=folder / "client")
    run("go", "build", "-o", "program", ".", cwd=folder)
    return [folder / "program"]


def build_rust(folder):
    openapi_generator("rust", folder / "client", "packageName=nautes-clusters-client,useSingleRequestParameter=true")
    run("cargo", "build", "--quiet", cwd=folder, CARGO_TARGET_DIR=str(FOLDER / "rust-target"))
    return [FOLDER / "rust-target/debug/program"]


def compile_typescript(folder):
    os.symlink(HERE / "node_modules", folder / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps({"extends": str(HERE / "tsconfig.json")}))
    run(npm_tool("tsc"), cwd=folder)
    return ["node", folder / "out/main.js"]


def build_typescript(folder):
    openapi_generator("typescript-fetch", folder / "client", "supportsES6=true,importFileExtension=.js,stringEnums=true")
    return compile_typescript(folder)


def build_openapi_typescript(folder):
    run(npm_tool("openapi-typescript"), DOCUMENT, "--output", folder / "client/schema.d.ts")
    return compile_typescript(folder)


def build_python(folder):
    openapi_generator("python", folder / "client", "packageName=nautes_clusters")
    run(sys.executable, "-m", "compileall", "-q", folder / "client")
    return [sys.executable, folder / "main.py"]


def build_openapi_python_client(folder):
    configuration = folder / "configuration.yaml"
    configuration.write_text("project_name_override: client\npackage_name_override: nautes_clusters_client\npost_hooks: []\n")
    said = run(tool("openapi-python-client"), "generate", "--path", DOCUMENT, "--config", configuration, cwd=folder)
    # It can't send YAML; everything else it has to understand.
    warnings = [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR", "Unsupported", "Invalid", "Endpoint"))]
    if warnings != ["WARNING parsing POST /api/v1/clusters/{cluster_name} within clusters.", "Unsupported content type application/yaml"]:
        raise RuntimeError(said)
    run(sys.executable, "-m", "compileall", "-q", folder / "client")
    return [sys.executable, folder / "main.py"]


CLIENTS = {
    "go": build_go,
    "typescript": build_typescript,
    "rust": build_rust,
    "python": build_python,
    "openapi-typescript": build_openapi_typescript,
    "openapi-python-client": build_openapi_python_client,
}


def request_for(address):
    """The guide's cluster under another address: several are registered at once."""
    request = json.loads(GUIDE.read_text())
    request["api_server"] = f"https://{address}:6443"
    del request["primary_domain"]
    return request


class Client:
    """A generator's client with the program that uses it."""

    def __init__(self, name, number):
        self.name, self.number = name, number
        self.folder = FOLDER / name
        self.program = []

    def build(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(HERE / "programs" / self.name, self.folder)
        self.program = CLIENTS[self.name](self.folder)

    def use(self, sandbox):
        body = self.folder / "body.json"
        body.write_text(json.dumps(request_for(f"10.9.0.{self.number + 1}")))
        run(*self.program, cwd=self.folder, API=sandbox["api"], TOKEN=sandbox["tokens"]["maintainer"], NAME=f"client-{self.number}",
            BODY=str(body), PYTHONPATH=str(self.folder / "client"))
