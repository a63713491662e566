"""Runs the checks; closes with `N passed, N failed`."""

import shutil
import signal
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from description import CHECKS
from generated import CLIENTS, FOLDER, WORKSPACE, Client

sys.path.append(str(WORKSPACE / "tests/gateways"))
from sandbox import run_sandbox  # noqa: E402

# The others take minutes of compiling (Rust) or are of a language whose types are tried by another generator.
CI = ["go", "typescript", *CHECKS]


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def run(self, name, act, *arguments):
        """Calls `act`; tells whether it went well."""
        began = time.monotonic()
        try:
            act(*arguments)
        except Exception:
            print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
            self.failed += 1
            return False
        print(f"ok   {name} ({time.monotonic() - began:.0f} s)", flush=True)
        self.passed += 1
        return True


def choose(part):
    every = [*CLIENTS, *CHECKS]
    names = {"": CI, "all": every}.get(part) or [name for name in every if part in name]
    return [Client(name, number) for number, name in enumerate(CLIENTS) if name in names], [name for name in CHECKS if name in names]


def main():
    clients, checks = choose(sys.argv[1] if len(sys.argv) > 1 else "")
    results = Results()
    shutil.rmtree(FOLDER / "sandbox", ignore_errors=True)
    for name in checks:
        if not CHECKS[name].needs_sandbox:
            results.run(name, CHECKS[name].act)
    built = [client for client in clients if results.run(f"{client.name}: generated and compiled", client.build)]
    checks = [name for name in checks if CHECKS[name].needs_sandbox]
    if built or checks:
        with run_sandbox(FOLDER / "sandbox") as sandbox:
            # Most of a program's time is waiting for installs.
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda client: results.run(f"{client.name}: saves, reads, watches, lists, removes", client.use, sandbox), built))
            for name in checks:
                results.run(name, CHECKS[name].act, sandbox)
    print(f"{results.passed} passed, {results.failed} failed")
    sys.exit(1 if results.failed or not results.passed else 0)


# Ended from outside, it stops what it started as well.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
main()
