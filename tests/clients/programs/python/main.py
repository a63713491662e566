"""A client of openapi-generator (python) does what a person would do."""

import json
import os
import time
from pathlib import Path

from nautes_clusters import ApiClient, ClustersApi, Configuration, ServiceApi
from nautes_clusters.exceptions import ApiException, NotFoundException
from nautes_clusters.models import Cluster, Phase, Problem, Reason, SaveClusterRequest, Status, StreamEnd

NAME = os.environ["NAME"]
client = ApiClient(Configuration(host=os.environ["API"], access_token=os.environ["TOKEN"]))
clusters = ClustersApi(client)


def problem_of(call):
    try:
        call()
    except ApiException as error:
        assert isinstance(error.data, Problem), error.body
        return error.data
    raise AssertionError("it should fail")


def save():
    request = SaveClusterRequest.from_json(Path(os.environ["BODY"]).read_text())
    planned = clusters.cluster_save_cluster(NAME, save_cluster_request=request, dry_run=True)
    assert len(planned.changes) > 5 and NAME in planned.diff, planned
    saved = clusters.cluster_save_cluster(NAME, save_cluster_request=request)
    assert saved.message == f"Successfully saved {NAME} cluster", saved
    assert saved.commit.files_changed > 5, saved
    assert clusters.cluster_save_cluster(NAME, save_cluster_request=request).commit is None
    wrong = request.model_copy(update={"api_server": "http://10.0.0.1"})
    problem = problem_of(lambda: clusters.cluster_save_cluster(NAME, save_cluster_request=wrong))
    assert problem.reason == Reason.VALIDATION_FAILED, problem
    assert problem.violations[0].var_field == "/api_server", problem


def read():
    cluster = clusters.cluster_get_cluster(NAME)
    assert (cluster.name, cluster.usage) == (NAME, "worker"), cluster
    assert cluster.status.phase in list(Phase), cluster.status
    assert cluster.components_list.gateway.additions["httpNodePort"].actual_instance == "30080", cluster
    assert problem_of(lambda: clusters.cluster_get_cluster("nobody")).reason == Reason.CLUSTER_NOT_FOUND


def watch():
    models = {"cluster": Cluster, "status": Status, "error": Problem, "end": StreamEnd}
    answer = clusters.cluster_get_cluster_without_preload_content(NAME, watch=True, timeout_seconds=120)
    seen = []
    for line in b"".join(answer.stream(1)).decode().splitlines() if answer.status == 200 else []:
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            seen.append((event, models[event].from_json(value)))
    assert seen[0][0] == "cluster" and "status" in [event for event, _ in seen], seen
    assert seen[-1][1].reason == "ready", seen[-1]


def list_clusters():
    found = clusters.cluster_list_clusters(field_selector="usage=worker", include_status=True)
    assert {item.name: item.status.phase for item in found.items}[NAME] == Phase.READY, found
    assert len(clusters.cluster_list_clusters(per_page=1).items) == 1
    assert clusters.merge_request_list_merge_requests().items == []
    assert ServiceApi(client).service_health().status == "ok"


def remove():
    removed = clusters.cluster_delete_cluster(NAME)
    assert removed.message == f"Successfully deleted {NAME} cluster", removed
    for _ in range(120):
        try:
            clusters.cluster_delete_cluster(NAME)
        except NotFoundException as error:
            assert error.data.reason == Reason.CLUSTER_NOT_FOUND, error
            return
        time.sleep(1)
    raise AssertionError("the removal does not end")


for step in [save, read, watch, list_clusters, remove]:
    step()
