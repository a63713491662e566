"""Runs every check with every gateway; closes with `N passed, N failed`."""

import shutil
import signal
import sys
import traceback

from checks import CHECKS
from gateway import CONFIGURE, Setup, make_certificate
from sandbox import WORKSPACE, run_sandbox

FOLDER = WORKSPACE / "target/gateways"


def run_checks(setups, part):
    passed = failed = 0
    for setup in setups:
        for check in CHECKS:
            name = f"{setup.name}: {check.__name__.replace('_', ' ')}"
            if part not in name:
                continue
            try:
                check(setup)
                print(f"ok   {name}", flush=True)
                passed += 1
            except Exception:
                print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
                failed += 1
    return passed, failed


def main():
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    make_certificate(FOLDER)
    functions = ["--no-build", "--manifest", "deploy/spin/direct.toml"]
    with run_sandbox(FOLDER / "application") as whole, run_sandbox(FOLDER / "functions", *functions) as direct:
        setups = [Setup(kind, False, whole, FOLDER) for kind in CONFIGURE]
        setups += [Setup(kind, True, direct, FOLDER) for kind in CONFIGURE]
        passed, failed = run_checks(setups, part)
    print(f"logs: {FOLDER}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


# Ended from outside, it stops what it started as well.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
main()
