"""What is read of a submission, and the sentence for everything that is not."""

import contextlib
import json
import os
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.grading import intake
from coursekit.grading.intake import Cell, Refused


def notebook(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}).encode()


def code(source="1", **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def test_cells_come_with_kind_text_and_claimed_id():
    data = notebook(
        code(["a = 1\n", "b = 2"], nbgrader={"grade_id": "answer-x", "points": 1000}),
        {"cell_type": "markdown", "source": "words"},
        {"cell_type": "raw"},
    )
    assert intake.read(data) == (
        Cell("code", "a = 1\nb = 2", "answer-x"),
        Cell("markdown", "words"),
        Cell("raw", ""),
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"x" * (intake.MAX_BYTES + 1), "at most 50 MB"),
        ('{"nbformat": 4}'.encode("utf-16"), "not text in UTF-8"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b'{"nbformat": 4, "cells": [', "no valid JSON"),
        (b"[" * 100_000, "nests"),
        (b'{"nbformat": 1' + b"1" * 5000 + b"}", "number too long"),
        (b"[]", "'nbformat' is missing"),
        (b'"text"', "'nbformat' is missing"),
        (b'{"nbformat": true}', "'nbformat' is missing"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
        (b'{"nbformat": 5, "cells": []}', "format 5"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (notebook("text"), "Cell 1 is none of"),
        (notebook({"cell_type": "heading", "source": "x"}), "Cell 1 is none of"),
        (notebook(code(), code(5)), "source of cell 2"),
        (notebook(code(["a", 1])), "source of cell 1"),
        (notebook(*[code()] * (intake.MAX_CELLS + 1)), "1,001 cells"),
        (notebook(code("x" * (intake.MAX_SOURCE + 1))), "2,000,001 characters"),
    ],
)
def test_what_is_no_notebook_is_refused_with_one_sentence(data, words):
    with pytest.raises(Refused, match=words) as refusal:
        intake.read(data)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith((".", "?"))


def test_oddities_that_do_no_harm_are_read():
    assert intake.read(b"\xef\xbb\xbf" + notebook(code("x")))[0].source == "x"
    assert intake.read(b'{"nbformat": 4, "cells": [], "metadata": {"a": NaN, "a": 1}}') == ()
    assert intake.read(notebook(code("'\ud800'")))[0].source == "'\ufffd'"
    assert intake.read(notebook({**code("x"), "metadata": "none"}))[0].grade_id is None
    assert intake.read(notebook(code("x", nbgrader={"grade_id": ["answer-x"]})))[0].grade_id is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x, max_size=3)))
def test_any_json_is_read_or_refused(data):
    for whole in (
        data,
        {"nbformat": 4, "cells": data},
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": data}]},
    ):
        with contextlib.suppress(Refused):
            assert isinstance(intake.read(json.dumps(whole).encode()), tuple)


def test_only_regular_files_are_read(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_bytes(b"data")
    assert intake.read_file(file) == b"data"
    (tmp_path / "link.ipynb").symlink_to(file)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("link", "pipe", "folder", "missing"):
        with pytest.raises(Refused, match=f"{name}.ipynb"):
            intake.read_file(tmp_path / f"{name}.ipynb")
    with pytest.raises(Refused, match="at most"):
        intake.read_file(file, limit=3)


def test_submissions_are_found_by_folder_and_roster_only(tmp_path):
    def put(student, name, file):
        path = tmp_path / student / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")

    put("ada", "sample", "sample.ipynb")
    put("bob", "sample", "other.ipynb")
    put("Zoë-1", "sample", "sample.ipynb")
    put("ada", "unknown", "unknown.ipynb")
    put("cy", "sample", "sample.ipynb.txt")
    put(".hidden", "sample", "sample.ipynb")
    put("=cmd()", "sample", "sample.ipynb")
    (tmp_path / "linked").symlink_to(tmp_path / "ada")
    found = {item.student: item for item in intake.find(tmp_path, ["sample"])}
    assert set(found) == {"ada", "bob", "cy", "Zoë-1"}
    assert found["ada"].problem is None
    assert found["bob"].problem == "No notebook named sample.ipynb was handed in; found other.ipynb."
    assert found["cy"].problem == "No notebook named sample.ipynb was handed in; found sample.ipynb.txt."
    assert [item.student for item in intake.find(tmp_path, ["sample"], roster={"ada", "eve"})] == ["ada"]
    assert list(intake.find(tmp_path, ["sample"], exercise="another")) == []
    with pytest.raises(Refused, match="is no folder"):
        list(intake.find(tmp_path / "nowhere", ["sample"]))


def test_a_zip_file_gives_its_notebooks_and_nothing_else(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ada/sample/sample.ipynb", "{}")
        file.writestr("download-1/bob/sample/sample.ipynb", "{}")
        file.writestr("class\\cy\\sample\\sample.ipynb", "{}")
        file.writestr("ada/sample/notes: mine.txt", "no")
        link = zipfile.ZipInfo("eve/sample/sample.ipynb")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    paths = intake.unpack(archive, tmp_path / "out")
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in paths) == [
        "ada/sample/sample.ipynb",
        "bob/sample/sample.ipynb",
        "cy/sample/sample.ipynb",
    ]
    assert not (tmp_path / "out" / "eve").exists()


def test_a_zip_file_with_two_notebooks_of_one_student_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        file.writestr("monday/ada/sample/sample.ipynb", "{}")
        file.writestr("friday/ada/sample/sample.ipynb", "{}")
    with pytest.raises(Refused, match=r"holds ada/sample/sample\.ipynb more than once"):
        intake.unpack(tmp_path / "class.zip", tmp_path / "out")


@pytest.mark.parametrize("name", ["../x/sample/sample.ipynb", "/etc/passwd", "a\\..\\..\\x", "C:/x/y/y.ipynb"])
def test_a_zip_file_that_leaves_its_folder_is_refused(tmp_path, name):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, "{}")
    with pytest.raises(Refused, match="leaves the archive"):
        intake.unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_zip_bombs_and_damaged_archives_are_refused(tmp_path, monkeypatch):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("ada/sample/sample.ipynb", b"0" * 5_000_000)
    with pytest.raises(Refused, match="200 times"):
        intake.unpack(archive, tmp_path / "out")
    monkeypatch.setattr(intake, "MAX_ZIP_BYTES", 1_000_000)
    with pytest.raises(Refused, match="unpacks to more"):
        intake.unpack(archive, tmp_path / "out")
    monkeypatch.setattr(intake, "MAX_ZIP_ENTRIES", 0)
    with pytest.raises(Refused, match="1 files"):
        intake.unpack(archive, tmp_path / "out")
    archive.write_bytes(b"PK but no more")
    with pytest.raises(Refused, match="no readable zip"):
        intake.unpack(archive, tmp_path / "out")
    with pytest.raises(Refused, match="does not exist"):
        intake.unpack(tmp_path / "none.zip", tmp_path / "out")


def test_a_notebook_from_a_zip_keeps_the_time_that_stands_there(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
        file.writestr(zipfile.ZipInfo("ada/sample/sample.ipynb", (2026, 12, 4, 23, 58, 0)), "{}")
    [path] = intake.unpack(tmp_path / "class.zip", tmp_path / "out")
    assert datetime.fromtimestamp(path.stat().st_mtime) == datetime(2026, 12, 4, 23, 58)


def test_folders_that_are_passed_over_are_named(tmp_path):
    for name in ("ada", "bob", "no id", ".hidden"):
        (tmp_path / name).mkdir()
    assert intake.strangers(tmp_path) == ["no id"]
    assert intake.strangers(tmp_path, {"ada"}) == ["bob", "no id"]


def test_what_is_of_no_exercise_is_named(tmp_path):
    for name in ("ada/sample", "ada/Sample", "ada/.ipynb_checkpoints", "no id/Sample"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("bob/sample.ipynb", "bob/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert intake.strays(tmp_path, ["sample"]) == ["ada/Sample", "bob/sample.ipynb"]
