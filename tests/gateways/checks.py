"""What callers have to get through a gateway. Every check gets one gateway before one application."""

import re
import subprocess
import time

from gateway import HOST
from sandbox import WORKSPACE, BrokenApplication, free_port

NAME = "physical-worker-deployment"
GUIDE = (WORKSPACE / f"tests/cases/requests/v0.4/{NAME}.json").read_bytes()
LIST = "/api/v1/clusters"
CLUSTER = f"{LIST}/{NAME}"
ORIGIN = "https://console.example.com"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

# deploy/gateways lets 256 KiB through.
TOO_LARGE = b" " * (256 * 1024 + 1)

# The sandbox's Argo CD takes a few seconds to uninstall.
REMOVAL_SECONDS = 120


def assert_problem(answer, status, reason):
    """A problem document that is also the original API's error."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.value("content-type") == "application/problem+json", answer.headers
    problem = answer.json()
    assert problem["type"] == f"urn:nautes:clusters:problem:{reason}", problem
    assert (problem["status"], problem["code"], problem["reason"]) == (status, status, reason), problem
    assert problem["title"] and problem["detail"] and problem["detail"] == problem["message"], problem
    assert answer.value("x-request-id"), answer.headers


def find_commit(setup, request_id):
    """The commit of the tenant's repository that a request made."""
    log = ["git", "-C", setup.sandbox["repository"], "log", "--format=%H", f"--grep=Request-Id: {request_id}", "main"]
    return subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()


def a_cluster_is_saved_watched_read_and_removed(setup):
    with setup.start() as client:
        remove_cluster(client)
        request_id = f"save-{setup.kind}-{time.time_ns()}"
        saved = client.send("POST", CLUSTER, {"X-Request-Id": request_id}, GUIDE)
        assert saved.status == 200, saved.body
        assert len(find_commit(setup, request_id)) == 1, "the caller's request id is in no commit"
        assert_unbuffered(client.stream(f"{CLUSTER}?watch=true"))
        cluster = client.send("GET", CLUSTER)
        assert (cluster.status, cluster.json()["name"]) == (200, NAME), cluster.body
        listed = client.send("GET", f"{LIST}?field_selector=usage=worker")
        assert [item["name"] for item in listed.json()["items"]] == [NAME], listed.body
        assert client.send("HEAD", CLUSTER).status == 200
        assert remove_cluster(client) == 200
        assert client.send("GET", CLUSTER).status == 404


def remove_cluster(client):
    """Removes what is there until nothing is left; gives the status of the first answer."""
    deadline = time.monotonic() + REMOVAL_SECONDS
    first = status = client.send("DELETE", CLUSTER).status
    while status != 404:
        assert status == 200 and time.monotonic() < deadline, f"the removal does not end: {status}"
        time.sleep(2)
        status = client.send("DELETE", CLUSTER).status
    return first


def assert_unbuffered(lines):
    """Events arrive as they happen: the sandbox's installs take seconds, a buffer would give all of them at the end."""
    events = [seconds for seconds, line in lines if line.startswith("event: ")]
    assert lines[-2][1].startswith("data: ") and ("event: end" in {line for _, line in lines}), lines
    print(f"     first of {len(events)} events after {events[0]:.2f} s, the last after {events[-1]:.2f} s")
    assert len(events) > 2 and events[-1] - events[0] > 1, events


def the_callers_request_id_comes_back(setup):
    with setup.start() as client:
        # Envoy writes into UUIDs unless told otherwise.
        for request_id in ["2b0a4c1e-5d6f-4a7b-8c9d-0e1f2a3b4c5d", "my-request.1"]:
            answer = client.send("GET", LIST, {"X-Request-Id": request_id})
            assert (answer.status, answer.value("x-request-id")) == (200, request_id), answer.headers
        assert client.send("GET", LIST).value("x-request-id")


def callers_get_http_2_and_http_1(setup):
    with setup.start() as client:
        assert client.send("GET", LIST).version == "2"
        assert client.send("GET", LIST, options=["--http1.1"]).version == "1.1"


def a_large_body_is_refused_without_the_application(setup):
    application = BrokenApplication()
    with setup.start(application.port) as client:
        for options in [["--http2"], ["--http1.1"]]:
            answer = client.send("POST", CLUSTER, {"Expect": ""}, TOO_LARGE, options)
            assert_problem(answer, 413, "BODY_TOO_LARGE")
    assert not application.requests, application.requests


def too_many_requests_are_told_to_wait(setup):
    with setup.start() as client:
        answers = client.send_many(60, LIST, {"Origin": ORIGIN})
        served = [answer for answer in answers if answer.status == 200]
        refused = [answer for answer in answers if answer.status != 200]
        # 20 at once and 5 a second.
        assert len(served) >= 20 and refused, [answer.status for answer in answers]
        for answer in refused:
            assert_problem(answer, 429, "TOO_MANY_REQUESTS")
            assert answer.value("retry-after") == "1", answer.headers
            assert answer.value("access-control-allow-origin") == ORIGIN, answer.headers
        time.sleep(1)
        assert client.send("GET", LIST).status == 200


def only_the_named_origin_may_call(setup):
    preflight = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
    application = BrokenApplication()
    with setup.start(application.port) as client:
        answer = client.send("OPTIONS", CLUSTER, {"Origin": ORIGIN, **preflight})
        assert answer.status in (200, 204), answer.status
        assert answer.value("access-control-allow-origin") == ORIGIN, answer.headers
        assert "DELETE" in answer.value("access-control-allow-methods"), answer.headers
        assert "authorization" in answer.value("access-control-allow-headers").lower(), answer.headers
        assert not application.requests, application.requests
        stranger = client.send("OPTIONS", CLUSTER, {"Origin": "https://evil.example.com", **preflight})
        assert not stranger.values("access-control-allow-origin"), stranger.headers
    with setup.start() as client:
        answer = client.send("GET", LIST, {"Origin": ORIGIN})
        assert answer.value("access-control-allow-origin") == ORIGIN, answer.headers
        assert "x-request-id" in answer.value("access-control-expose-headers").lower(), answer.headers
        assert not answer.values("access-control-allow-methods"), answer.headers
        stranger = client.send("GET", LIST, {"Origin": "https://evil.example.com"})
        assert stranger.status == 200 and not stranger.values("access-control-allow-origin"), stranger.headers


def paths_lead_to_the_application_and_not_to_its_probes(setup):
    with setup.start() as client:
        for path in ["/healthz", "/readyz", "/.well-known/spin/health", "/.well-known/spin/info"]:
            assert_problem(client.send("GET", path), 404, "ROUTE_NOT_FOUND")
        described = client.send("GET", "/openapi.json")
        if setup.direct:
            assert_problem(described, 404, "ROUTE_NOT_FOUND")
            assert_problem(client.send("GET", f"/functions/read-clusters{LIST}"), 404, "ROUTE_NOT_FOUND")
        else:
            assert described.json()["openapi"].startswith("3."), described.body[:80]
            index = client.send("GET", "/")
            assert (index.status, index.value("content-type")) == (200, "application/json"), index.headers


def people_get_pages(setup):
    with setup.start() as client:
        if setup.direct:
            # Functions alone: there is no console behind them.
            for path in ["/", "/login", "/docs"]:
                assert_problem(client.send("GET", path, BROWSER), 404, "ROUTE_NOT_FOUND")
            return
        away = client.send("GET", "/", BROWSER)
        assert (away.status, away.value("location")) == (303, "/login?to=%2F"), away.headers
        login = assert_page(client, "/login")
        for address in re.findall(r'(?:href|src)="(/assets/[^"]+)"', login):
            assert_cached(client, address)
        for path in ["/docs", "/q/swagger-ui"]:
            assert "swagger-ui-bundle.js" in assert_page(client, path)
        for path in ["/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"]:
            assert_cached(client, path)


def assert_page(client, path, headers=None):
    """A page over HTTP/2, with the headers that it was sent with, once each; gives its text."""
    page = client.send("GET", path, {**BROWSER, **(headers or {})}, options=["--compressed"])
    assert (page.status, page.version) == (200, "2"), (path, page.status, page.version)
    assert page.value("content-type") == "text/html; charset=utf-8", page.headers
    assert "default-src 'none'" in page.value("content-security-policy"), page.headers
    return page.body.decode()


def assert_cached(client, path):
    """A file with an ETag, which is not sent to whoever has it."""
    first = client.send("GET", path)
    assert first.status == 200 and first.body, (path, first.status)
    again = client.send("GET", path, {"If-None-Match": first.value("etag")})
    assert (again.status, again.body) == (304, b""), (path, again.status)


def a_person_logs_in_and_out(setup):
    form = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    own = {**form, "Origin": f"https://{HOST}"}
    with setup.start() as client:
        body = f"token={setup.token}&to=%2F".encode()
        if setup.direct:
            # Functions alone: nobody is there who would take a token for a cookie, and the API takes none.
            for path, sent in [("/login", body), ("/logout", b"")]:
                answer = client.send("POST", path, own, sent)
                assert_problem(answer, 404, "ROUTE_NOT_FOUND")
                assert not answer.values("set-cookie"), answer.headers
            made_up = {"Cookie": f"session={setup.token}", "Authorization": ""}
            assert_problem(client.send("GET", LIST, made_up), 401, "UNAUTHENTICATED")
            return
        stranger = client.send("POST", "/login", {**form, "Origin": "https://evil.example.com"}, body)
        assert stranger.status == 403 and not stranger.values("set-cookie"), stranger.headers
        entered = client.send("POST", "/login", own, body)
        cookie = entered.value("set-cookie")
        assert entered.status == 303 and "; Secure" in cookie and "; HttpOnly" in cookie, entered.headers
        session = {"Cookie": cookie.split(";")[0]}
        assert "Register cluster" in assert_page(client, "/", session)
        # The API takes no cookie.
        assert_problem(client.send("GET", LIST, {**session, "Authorization": ""}), 401, "UNAUTHENTICATED")
        left = client.send("POST", "/logout", {**own, **session}, b"")
        assert left.status == 303 and "Max-Age=0" in left.value("set-cookie"), left.headers


def a_wrong_method_is_refused_by_the_application(setup):
    with setup.start() as client:
        for method in ["PUT", "PATCH"]:
            answer = client.send(method, CLUSTER, body=GUIDE)
            assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
            assert "GET" in answer.value("allow"), answer.headers


def nginx_tells_a_request_that_cannot_be_read_as_json(setup):
    # Envoy makes all that it answers itself alike; NGINX has to be told each status.
    if setup.kind != "nginx":
        return
    application = BrokenApplication()
    with setup.start(application.port) as client:
        for method, path, headers, status, reason in [
            ("GET", LIST, {"X-Large": "x" * 20_000}, 400, "REQUEST_REFUSED"),
            ("GET", f"{LIST}/{'x' * 20_000}", {}, 414, "REQUEST_REFUSED"),
            ("TRACE", LIST, {}, 405, "METHOD_NOT_ALLOWED"),
        ]:
            answer = client.send(method, path, headers, options=["--http1.1"])
            assert_problem(answer, status, reason)
            assert (answer.value("allow") is not None) == (status == 405), answer.headers
    assert not application.requests, application.requests


def an_application_that_is_down_is_told_as_json(setup):
    with setup.start(free_port()) as client:
        answer = client.send("POST", CLUSTER, {"Origin": ORIGIN, "X-Request-Id": "lost-1"}, GUIDE)
        assert_problem(answer, 502, "FUNCTION_UNAVAILABLE")
        assert answer.value("x-request-id") == "lost-1", answer.headers
        assert answer.value("access-control-allow-origin") == ORIGIN, answer.headers


def nothing_is_sent_twice(setup):
    for method, body in [("POST", GUIDE), ("DELETE", None), ("GET", None)]:
        application = BrokenApplication()
        with setup.start(application.port) as client:
            assert_problem(client.send(method, CLUSTER, body=body), 502, "FUNCTION_UNAVAILABLE")
        assert len(application.requests) == 1, application.requests


CHECKS = [
    a_cluster_is_saved_watched_read_and_removed,
    the_callers_request_id_comes_back,
    callers_get_http_2_and_http_1,
    a_large_body_is_refused_without_the_application,
    too_many_requests_are_told_to_wait,
    only_the_named_origin_may_call,
    paths_lead_to_the_application_and_not_to_its_probes,
    people_get_pages,
    a_person_logs_in_and_out,
    a_wrong_method_is_refused_by_the_application,
    nginx_tells_a_request_that_cannot_be_read_as_json,
    an_application_that_is_down_is_told_as_json,
    nothing_is_sent_twice,
]
