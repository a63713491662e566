"""A client of openapi-python-client does what a person would do."""

import json
import os
import time
from pathlib import Path

from nautes_clusters_client import AuthenticatedClient
from nautes_clusters_client.api.clusters import (
    cluster_delete_cluster,
    cluster_get_cluster,
    cluster_list_clusters,
    cluster_save_cluster,
)
from nautes_clusters_client.models import Cluster, Phase, Problem, Reason, SaveClusterRequest, Status, StreamEnd

NAME = os.environ["NAME"]
client = AuthenticatedClient(base_url=os.environ["API"], token=os.environ["TOKEN"])


def save():
    body = json.loads(Path(os.environ["BODY"]).read_text())
    send = lambda body, **query: cluster_save_cluster.sync(
        NAME, client=client, body=SaveClusterRequest.from_dict(body), **query)
    planned = send(body, dry_run=True)
    assert len(planned.changes) > 5 and NAME in planned.diff, planned
    saved = send(body)
    assert saved.message == f"Successfully saved {NAME} cluster", saved
    assert saved.commit.files_changed > 5, saved
    assert send(body).commit is None
    problem = send({**body, "api_server": "http://10.0.0.1"})
    assert isinstance(problem, Problem) and problem.reason == Reason.VALIDATION_FAILED, problem
    assert problem.violations[0].field == "/api_server", problem


def read():
    cluster = cluster_get_cluster.sync(NAME, client=client)
    assert (cluster.name, cluster.usage) == (NAME, "worker"), cluster
    assert cluster.components_list.gateway.additions["httpNodePort"] == "30080", cluster
    problem = cluster_get_cluster.sync("nobody", client=client)
    assert problem.reason == Reason.CLUSTER_NOT_FOUND, problem


def watch():
    """The client reads an answer whole: a stream is read with its connection and its types."""
    models = {"cluster": Cluster, "status": Status, "error": Problem, "end": StreamEnd}
    seen = []
    path = f"/api/v1/clusters/{NAME}"
    query = {"watch": "true", "timeout_seconds": 120}
    with client.get_httpx_client().stream("GET", path, params=query, timeout=130) as answer:
        assert answer.status_code == 200, answer
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                event = value
            elif field == "data":
                seen.append((event, models[event].from_dict(json.loads(value))))
    assert seen[0][0] == "cluster" and "status" in [event for event, _ in seen], seen
    assert seen[-1][1].reason == "ready", seen[-1]


def list_clusters():
    found = cluster_list_clusters.sync(client=client, field_selector="usage=worker", include_status=True)
    assert {item.name: item.status.phase for item in found.items}[NAME] == Phase.READY, found


def remove():
    removed = cluster_delete_cluster.sync(NAME, client=client)
    assert removed.message == f"Successfully deleted {NAME} cluster", removed
    for _ in range(120):
        answer = cluster_delete_cluster.sync(NAME, client=client)
        if isinstance(answer, Problem):
            assert answer.reason == Reason.CLUSTER_NOT_FOUND, answer
            return
        time.sleep(1)
    raise AssertionError("the removal does not end")


for step in [save, read, watch, list_clusters, remove]:
    step()
