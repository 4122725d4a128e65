"""The console's files, as browsers get them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.control.console.asking import ask

from tidegate.control.console import ConsoleFiles

PACKED = {"accept-encoding": "gzip, br"}


@pytest.fixture
def files(tmp_path: Path) -> ConsoleFiles:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html.gz").write_bytes(gzip.compress(b"<!doctype html>"))
    (folder / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(b"run()"))
    (folder / "assets" / "font-abc.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.txt").write_text("not the console's")
    return ConsoleFiles(folder)


@pytest.mark.parametrize("path", ["/console/", "/console/clusters/a.b/services/web", "/console/sign-in"])
async def test_every_place_of_the_application_is_its_one_page_which_is_never_kept(
    files: ConsoleFiles, path: str
) -> None:
    answer = await ask(files, path)
    assert (answer.status, answer.body) == (200, b"<!doctype html>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_page_may_load_from_here_alone_and_stand_in_no_frame(files: ConsoleFiles) -> None:
    headers = (await ask(files, "/console/")).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_what_is_named_after_its_content_is_kept_for_ever_and_comes_compressed(
    files: ConsoleFiles,
) -> None:
    answer = await ask(files, "/console/assets/index-abc.js", headers=PACKED)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == b"run()"


async def test_who_takes_no_gzip_gets_the_file_unpacked(files: ConsoleFiles) -> None:
    answer = await ask(files, "/console/assets/index-abc.js")
    assert "content-encoding" not in answer.headers
    assert answer.body == b"run()"


async def test_a_font_goes_out_as_it_is(files: ConsoleFiles) -> None:
    answer = await ask(files, "/console/assets/font-abc.woff2", headers=PACKED)
    assert (answer.body, answer.headers["content-type"]) == (b"wOF2", "font/woff2")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/console/assets/gone.js", "/console/../secret.txt", "/console//etc/x.txt", "/console/a\0.js"]
)
async def test_no_other_file_is_shown(files: ConsoleFiles, path: str) -> None:
    answer = await ask(files, path)
    assert (answer.status, answer.body) == (404, b"There is no such file.\n")


async def test_the_prefix_without_its_slash_leads_to_it(files: ConsoleFiles) -> None:
    answer = await ask(files, "/console")
    assert (answer.status, answer.headers["location"]) == (308, "/console/")


async def test_where_nothing_was_built_it_says_so_and_how_to(tmp_path: Path) -> None:
    answer = await ask(ConsoleFiles(tmp_path), "/console/")
    assert answer.status == 404
    assert b"The console is not built. In a clone `make console` builds it" in answer.body
