"""What upstream says about our files; closes with `N passed, N failed, N skipped`. Skipped is what no registry has."""

import shutil
import signal
import sys
import traceback

from catalog import check_additions, check_cert_manager, check_storage_class, check_version_table, read_sources
from charts import check_chart, list_chart_uses, use_chart
from definitions import read_documents, validate_object
from effects import EFFECTS, check_effects
from modules import CHARTS_NOT_HAD, DEFINITIONS_NOT_HAD
from overlays import build_overlay, list_overlays, rebuild
from patches import check_changes, list_lost, list_selectors, slip_selectors
from pins import check_pin_list, check_tags_are_found, pin_chart, pin_manifests, read_pins
from rendered import list_objects, render_everything
from sandbox import WORKSPACE

FOLDER = WORKSPACE / "target/upstream"

# Envoy's and the OpenTelemetry Collector's own files.
FOREIGN = {"kustomization.yaml", "gateways/envoy.yaml", "gateways/direct/envoy-routes.yaml", "otel/collector.yaml"}


class Report:
    """Counts, and a line for each check."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, check):
        """A check answers in words, or with `None` and the reason why it cannot be made."""
        try:
            done, remark = check()
        except Exception as error:
            self.failed += 1
            text = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            print(f"FAIL {name}: {text}", flush=True)
            return
        self.passed += done
        self.skipped += not done
        print(f"{'ok  ' if done else 'skip'} {name}: {remark}", flush=True)


def check_objects(things):
    """Objects of one file."""
    missing, errors = set(), []
    for thing in things:
        found = validate_object(thing)
        if found is None:
            missing.add(thing["apiVersion"].split("/")[0])
        else:
            errors += [f"{thing['kind']} {thing['metadata']['name']}: {error}" for error in found]
    assert not errors, "\n     ".join(errors)
    if missing:
        return False, "; ".join(DEFINITIONS_NOT_HAD[group] for group in missing)
    return True, f"{len(things)} objects"


def check_deploy(report):
    root = WORKSPACE / "deploy"
    for path in sorted(root.rglob("*.yaml")):
        name = str(path.relative_to(root))
        if name not in FOREIGN:
            report.run(f"deploy/{name}", lambda: check_objects(read_documents(path)))


def check_slips():
    """The validation finds a field that does not exist, in every kind of `deploy/` that has a specification."""
    found = 0
    for path in sorted((WORKSPACE / "deploy").rglob("*.yaml")):
        things = read_documents(path) if str(path.relative_to(WORKSPACE / "deploy")) not in FOREIGN else []
        for thing in things:
            if "spec" in thing and (errors := validate_object({**thing, "spec": {**thing["spec"], "slip": 1}})) is not None:
                assert "slip" in str(errors), f"{path.name}: {thing['kind']}"
                found += 1
    assert found, "no object of deploy/ has a specification that could be checked"
    return True, f"{found} slips found"


def check_rendered(report, clone, helm):
    objects = list(list_objects(clone))
    for kind in sorted({thing["kind"] for _, thing in objects}):
        report.run(f"rendered {kind}", lambda: check_objects([thing for _, thing in objects if thing["kind"] == kind]))
    uses = list(list_chart_uses(objects))
    for use in uses:
        report.run(f"chart {use.chart} {use.version} as {use.release}", lambda: check_one_chart(helm, use))
    charts = {use.chart: use for use in uses}
    report.run("every addition brings something", lambda: check_additions(clone, uses))
    report.run("chart cert-manager, installed by nothing yet", lambda: check_cert_manager(helm, FOLDER))
    report.run("a StorageClass for virtual clusters", lambda: check_storage_class(helm, charts["vcluster"], FOLDER))
    check_pins(report, helm, charts)
    overlays = list(list_overlays(clone))
    for overlay, urls in overlays:
        report.run(f"overlay {overlay.relative_to(clone)}", lambda: check_overlay(overlay, urls))
    # One of each component is enough to see the checks fail.
    for overlay, urls in {overlay.parents[1].name: (overlay, urls) for overlay, urls in overlays}.values():
        if EFFECTS.get(overlay.parents[1].name):
            report.run(f"slips in {overlay.relative_to(clone)}", lambda: check_overlay_slips(overlay, urls))


def check_pins(report, helm, uses):
    pins, sources = read_pins(), read_sources()
    report.run("every component by digest, or why not", lambda: check_pin_list(pins, sources))
    report.run("an image by its tag is an error", check_tags_are_found)
    for name, pin in pins.items():
        if name in CHARTS_NOT_HAD:
            report.run(f"{name} by digest", lambda: (False, CHARTS_NOT_HAD[name]))
        elif "images" in pin:
            report.run(f"{name} by digest", lambda: (True, pin_manifests(name, sources[name]["manifests"], pin["images"], FOLDER)))
        else:
            use = uses.get(name) or use_chart(sources[name]["helm"], {})
            report.run(f"{name} by digest", lambda: (True, pin_chart(helm, use, pin["helm"]["values"], FOLDER)))


def check_one_chart(helm, use):
    done = check_chart(helm, use, FOLDER)
    return (False, CHARTS_NOT_HAD[use.chart]) if done is None else (True, done)


def check_overlay(overlay, urls):
    build = build_overlay(overlay, urls, FOLDER)
    lost = list_lost(build.kustomization, build.objects)
    assert not lost, "; ".join(lost)
    check_changes(build.folder, build.kustomization, build.objects)
    effect = check_effects(overlay, build.objects)
    remarks = [f"{len(build.objects)} objects", f"{len(list(list_selectors(build.kustomization)))} selectors", effect]
    remarks += [f"without {url}" for url in build.missing]
    return len(build.missing) < len(urls), "; ".join(filter(None, remarks))


def check_overlay_slips(overlay, urls):
    """Kustomize takes slips in selectors in silence; the checks of what it makes do not."""
    build = build_overlay(overlay, urls, FOLDER)
    slipped = slip_selectors(build.kustomization)
    objects = rebuild(build.folder, slipped)
    lost = list_lost(slipped, objects)
    assert len(lost) == len(list(list_selectors(slipped))) > 0, f"only these are found: {lost}"
    try:
        check_effects(overlay, objects)
    except AssertionError as error:
        return True, f"{len(lost)} selectors find nothing, and {error}"
    raise AssertionError("nothing is missed where no patch finds anything")


def main():
    helm = sys.argv[1]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    report = Report()
    check_deploy(report)
    report.run("a field that does not exist is an error", check_slips)
    report.run("the table of Kubernetes' versions has the catalog's", check_version_table)
    with render_everything(FOLDER) as clone:
        check_rendered(report, clone, helm)
    print(f"files: {FOLDER}")
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    sys.exit(1 if report.failed or not report.passed else 0)


# Ended from outside, it stops what it started as well.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
main()
