#!/usr/bin/env python3
"""The GitLab contract this project relies on, seen by an independent client.

Needs python-gitlab (PyPI). Works on branches of its own, so it can also be run against a real
GitLab with a scratch project. Settings, by environment:

  GITLAB_URL                     where GitLab is, without /api/v4
  GITLAB_TOKEN                   token of a maintainer, scope api
  GITLAB_PROJECT                 path of the project (default: nautes/management)
  GITLAB_DEVELOPER_TOKEN         a developer's, who may not push to the default branch (optional)
  GITLAB_GUEST_TOKEN             a guest's (optional)
  GITLAB_STRANGER_TOKEN          of somebody who is not a member (optional)

Ends with the line "N passed, N failed" and with status 1 when something failed.
"""

import base64
import hashlib
import os
import secrets
import sys
import threading
import traceback

import gitlab

URL = os.environ["GITLAB_URL"]
TOKEN = os.environ["GITLAB_TOKEN"]
PROJECT = os.environ.get("GITLAB_PROJECT", "nautes/management")

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def connect(token):
    return gitlab.Gitlab(URL, private_token=token)


GITLAB = connect(TOKEN)


class Scratch:
    """A branch with three files, removed at the end."""

    def __init__(self):
        self.project = GITLAB.projects.get(PROJECT)
        self.name = f"contract/{secrets.token_hex(6)}"

    def __enter__(self):
        self.project.branches.create({"branch": self.name, "ref": self.project.default_branch})
        self.commit(
            {"action": "create", "file_path": "contract/one.txt", "content": "1\n"},
            {"action": "create", "file_path": "contract/two.txt", "content": "2\n"},
            {"action": "create", "file_path": "contract/three.txt", "content": "3\n"},
        )
        return self

    def __exit__(self, *_):
        for branch in self.project.branches.list(search=self.name, get_all=True):
            branch.delete()

    def commit(self, *actions, **fields):
        data = {"branch": self.name, "commit_message": "Contract\n\nRequest-Id: contract", "actions": list(actions)}
        return self.project.commits.create({**data, **fields})

    def head(self):
        return self.project.branches.get(self.name).commit["id"]

    def text(self, path):
        return self.project.files.raw(path, ref=self.name).decode()


def refused(status, text, call):
    """The call must fail with the status and a message that has the text in it."""
    try:
        call()
    except gitlab.GitlabError as error:
        assert error.response_code == status, f"{error.response_code}: {error.error_message}"
        assert text in str(error.error_message), error.error_message
    else:
        raise AssertionError(f"not refused: {text}")


@check
def version_and_user():
    assert GITLAB.version()[0] != "unknown"
    GITLAB.auth()
    assert GITLAB.user.username
    own = GITLAB.personal_access_tokens.get("self")
    assert own.active and "api" in own.scopes and own.user_id == GITLAB.user.id


@check
def project_by_path_and_id():
    by_path = GITLAB.projects.get(PROJECT)
    by_id = GITLAB.projects.get(by_path.id)
    assert by_path.attributes == by_id.attributes
    assert by_id.path_with_namespace == PROJECT and by_id.default_branch
    levels = [access["access_level"] for access in by_id.permissions.values() if access]
    assert max(levels) >= 40
    refused(404, "404 Project Not Found", lambda: GITLAB.projects.get("no/such/project"))


@check
def branches():
    with Scratch() as scratch:
        branch = scratch.project.branches.get(scratch.name)
        assert branch.can_push and not branch.protected and not branch.default
        assert scratch.name in [found.name for found in scratch.project.branches.list(iterator=True, per_page=1)]
        default = scratch.project.branches.get(scratch.project.default_branch)
        assert default.default and default.protected
        refused(404, "404 Branch Not Found", lambda: scratch.project.branches.get("no-such-branch"))
        create = scratch.project.branches.create
        refused(400, "Branch already exists", lambda: create({"branch": scratch.name, "ref": "HEAD"}))
        refused(400, "Invalid reference name", lambda: create({"branch": "contract/x", "ref": "no-such-ref"}))
    refused(404, "404 Branch Not Found", scratch.head)


@check
def files():
    with Scratch() as scratch:
        head = scratch.head()
        file = scratch.project.files.get("contract/one.txt", ref=scratch.name)
        assert file.decode() == b"1\n" and file.file_name == "one.txt" and file.size == 2
        assert file.commit_id == head and file.last_commit_id == head
        assert file.content_sha256 == hashlib.sha256(b"1\n").hexdigest()
        assert file.blob_id == hashlib.sha1(b"blob 2\0001\n").hexdigest()
        headers = scratch.project.files.head("contract/one.txt", ref=scratch.name)
        assert headers["X-Gitlab-Blob-Id"] == file.blob_id and headers["X-Gitlab-Size"] == "2"
        assert scratch.text("contract/two.txt") == "2\n"
        blob = scratch.project.repository_blob(file.blob_id)
        assert base64.b64decode(blob["content"]) == b"1\n"
        assert scratch.project.repository_raw_blob(file.blob_id) == b"1\n"
        get = scratch.project.files.get
        refused(404, "404 File Not Found", lambda: get("contract/no.txt", ref=scratch.name))
        refused(404, "404 Commit Not Found", lambda: get("contract/one.txt", ref="no-such-ref"))
        refused(404, "404 Blob Not Found", lambda: scratch.project.repository_blob("0" * 40))


@check
def tree_with_keyset_pagination():
    with Scratch() as scratch:
        actions = [
            {"action": "create", "file_path": f"contract/many/{number:03}", "content": str(number)}
            for number in range(45)
        ]
        scratch.commit(*actions)
        tree = scratch.project.repository_tree
        query = {"path": "contract/many", "ref": scratch.head()}
        keyset = tree(**query, iterator=True, pagination="keyset", order_by="id", per_page=10)
        paths = [entry["path"] for entry in keyset]
        assert paths == [f"contract/many/{number:03}" for number in range(45)], paths
        legacy = tree(**query, iterator=True, per_page=20)
        assert [entry["path"] for entry in legacy] == paths
        recursive = tree(ref=scratch.name, recursive=True, pagination="none", get_all=False)
        assert set(paths) < {entry["path"] for entry in recursive}
        entry = tree(path="contract", ref=scratch.name, get_all=True)[0]
        assert (entry["name"], entry["type"], entry["mode"]) == ("many", "tree", "040000")
        refused(404, "404 Tree Not Found", lambda: tree(ref="no-such-ref", get_all=True))
        refused(404, "Not Found", lambda: tree(ref=scratch.name, path="no/such/path", get_all=True))


@check
def commits_with_every_action():
    with Scratch() as scratch:
        seen = scratch.head()
        commit = scratch.commit(
            {"action": "create", "file_path": "contract/bytes", "content": "AP8Q", "encoding": "base64"},
            {"action": "update", "file_path": "contract/one.txt", "content": "one\n", "last_commit_id": seen},
            {
                "action": "move",
                "file_path": "contract/moved.txt",
                "previous_path": "contract/two.txt",
                "content": "2\n",
                "last_commit_id": seen,
            },
            {"action": "delete", "file_path": "contract/three.txt", "last_commit_id": seen},
            {"action": "chmod", "file_path": "contract/one.txt", "execute_filemode": True},
            author_name="Ada",
            author_email="ada@gitlab.example",
        )
        assert commit.parent_ids == [seen] and commit.id == scratch.head()
        assert commit.author_name == "Ada" and commit.title == "Contract"
        assert commit.stats["total"] > 0
        listing = scratch.project.repository_tree(path="contract", ref=commit.id, get_all=True)
        modes = {entry["name"]: entry["mode"] for entry in listing}
        assert modes == {"bytes": "100644", "moved.txt": "100644", "one.txt": "100755"}, modes
        assert scratch.project.files.raw("contract/bytes", ref=commit.id) == b"\x00\xff\x10"
        diff = {change["new_path"]: change for change in commit.diff(get_all=True)}
        assert diff["contract/moved.txt"]["renamed_file"]
        assert diff["contract/three.txt"]["deleted_file"]
        assert diff["contract/bytes"]["new_file"]


@check
def history_and_comparison():
    with Scratch() as scratch:
        before = scratch.head()
        for number in range(3):
            scratch.commit({"action": "update", "file_path": "contract/one.txt", "content": f"{number}"})
        project = scratch.project
        ids = [commit.id for commit in project.commits.list(ref_name=scratch.name, iterator=True, per_page=2)]
        assert ids[0] == scratch.head() and ids[3] == before
        # By query_parameters: the client's own `path` argument is another thing.
        query = {"ref_name": scratch.name, "path": "contract/two.txt"}
        touched = project.commits.list(query_parameters=query, get_all=True)
        assert [commit.id for commit in touched] == [before]
        newest = project.commits.list(ref_name=scratch.name, trailers=True, per_page=1, get_all=False)[0]
        assert newest.trailers == {"Request-Id": "contract"}
        assert project.commits.get(scratch.name).id == ids[0]
        compare = project.repository_compare(before, scratch.name)
        assert [commit["id"] for commit in compare["commits"]] == ids[2::-1]
        assert [change["new_path"] for change in compare["diffs"]] == ["contract/one.txt"]
        refused(404, "404 Commit Not Found", lambda: project.commits.get("0" * 40))


@check
def conflicts():
    with Scratch() as scratch:
        seen = scratch.head()
        update = {"action": "update", "file_path": "contract/one.txt", "content": "x", "last_commit_id": seen}
        other = {"action": "update", "file_path": "contract/two.txt", "content": "x", "last_commit_id": seen}
        scratch.commit(update)
        text = "The file has changed since you started editing it: contract/one.txt"
        refused(400, text, lambda: scratch.commit(update))
        scratch.commit(other)
        create = {"action": "create", "file_path": "contract/one.txt", "content": ""}
        refused(400, "A file with this name already exists", lambda: scratch.commit(create))
        for action in ("update", "delete", "chmod"):
            missing = {"action": action, "file_path": "contract/no.txt", "content": ""}
            refused(400, "A file with this name doesn't exist", lambda: scratch.commit(missing))


@check
def concurrent_commits_lose_nothing():
    with Scratch() as scratch:
        unexpected = []

        def writer(number):
            project = connect(TOKEN).projects.get(PROJECT, lazy=True)
            action = {"action": "create", "file_path": f"contract/writer-{number}", "content": "x"}
            data = {"branch": scratch.name, "commit_message": f"Writer {number}", "actions": [action]}
            for _ in range(200):
                try:
                    return project.commits.create(data)
                except gitlab.GitlabError as error:
                    if "reference update: reference" not in str(error.error_message):
                        unexpected.append(error)
                        return None

        writers = [threading.Thread(target=writer, args=(number,)) for number in range(6)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
        assert not unexpected, unexpected
        listing = scratch.project.repository_tree(path="contract", ref=scratch.name, get_all=True)
        found = {entry["name"] for entry in listing if entry["name"].startswith("writer-")}
        assert found == {f"writer-{number}" for number in range(6)}, found


@check
def new_branches_from_a_commit():
    with Scratch() as scratch:
        seen = scratch.head()
        action = {"action": "create", "file_path": "contract/new.txt", "content": "x"}
        commit = scratch.commit(action, branch=f"{scratch.name}-b", start_sha=seen)
        assert commit.parent_ids == [seen]
        again = {"branch": f"{scratch.name}-b", "start_branch": scratch.name}
        refused(400, "already exists. Switch to that branch", lambda: scratch.commit(action, **again))
        nowhere = {"branch": f"{scratch.name}-c"}
        refused(400, "when you are on a branch", lambda: scratch.commit(action, **nowhere))


@check
def parameters_and_paths():
    with Scratch() as scratch:
        refused(400, "Provide at least one action", scratch.commit)
        wrong = {"action": "rename", "file_path": "x"}
        refused(400, "must be one of", lambda: scratch.commit(wrong))
        for path, text in (("../x", "directory traversal"), ("a//b", "invalid path"), (".git/config", "invalid path")):
            action = {"action": "create", "file_path": path, "content": ""}
            refused(400, text, lambda: scratch.commit(action))


@check
def merge_requests():
    with Scratch() as scratch:
        project, source = scratch.project, f"{scratch.name}-source"
        scratch.commit(
            {"action": "create", "file_path": "contract/merged.txt", "content": "x"},
            branch=source,
            start_branch=scratch.name,
        )
        data = {"title": "Contract", "source_branch": source, "target_branch": scratch.name}
        opened = project.mergerequests.create(data)
        assert opened.state == "opened" and opened.web_url
        refused(409, f"already exists for this source branch: !{opened.iid}", lambda: project.mergerequests.create(data))
        same = {**data, "source_branch": scratch.name}
        refused(422, "source and target", lambda: project.mergerequests.create(same))
        found = project.mergerequests.list(state="opened", source_branch=source, get_all=True)
        assert [request.iid for request in found] == [opened.iid]
        opened.title = "Contract, renamed"
        opened.save()
        assert project.mergerequests.get(opened.iid).title == "Contract, renamed"
        refused(409, "SHA does not match HEAD of source branch", lambda: opened.merge(sha="0" * 40))
        opened.merge(should_remove_source_branch=True)
        merged = project.mergerequests.get(opened.iid)
        assert merged.state == "merged" and merged.merge_commit_sha == scratch.head()
        assert scratch.text("contract/merged.txt") == "x"


@check
def tokens():
    refused(401, "401 Unauthorized", lambda: connect("garbage").projects.get(PROJECT))
    anonymous = gitlab.Gitlab(URL)
    refused(404, "404 Project Not Found", lambda: anonymous.projects.get(PROJECT))
    if token := os.environ.get("GITLAB_STRANGER_TOKEN"):
        refused(404, "404 Project Not Found", lambda: connect(token).projects.get(PROJECT))
    if token := os.environ.get("GITLAB_GUEST_TOKEN"):
        project = connect(token).projects.get(PROJECT)
        refused(403, "403 Forbidden", lambda: project.branches.get("main"))
    if token := os.environ.get("GITLAB_DEVELOPER_TOKEN"):
        project = connect(token).projects.get(PROJECT)
        branch = project.default_branch
        assert not project.branches.get(branch).can_push
        data = {"branch": branch, "commit_message": "x", "actions": [{"action": "delete", "file_path": "README.md"}]}
        refused(403, "You are not allowed to push into this branch", lambda: project.commits.create(data))


def main():
    failed = 0
    for function in CHECKS:
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED {function.__name__}")
            traceback.print_exc(file=sys.stdout)
        else:
            print(f"ok {function.__name__}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
