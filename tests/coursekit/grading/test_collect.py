"""Archives as Moodle and Canvas name the files in them, sorted into folders of students."""

import zipfile

import pytest

from coursekit.grading.collect import collect
from coursekit.grading.intake import Refused

FILE = "assignsubmission_file"
ROSTER = {
    "s1": {"first_name": "Ada", "last_name": "Example", "ID": "4711"},
    "s2": {"first_name": "Zoë", "last_name": "O'Müller"},
    "4713": {"first_name": "Kim", "last_name": "Sample"},
}


@pytest.fixture
def taken(tmp_path):
    """Collect files of these names and texts; returns what came of it and the text of each notebook by its path."""

    def run(files, roster=None):
        with zipfile.ZipFile(tmp_path / "class.zip", "w") as file:
            for name, text in files.items():
                file.writestr(name, text)
        into = tmp_path / "submitted"
        came = collect(tmp_path / "class.zip", "linear", into, roster)
        return came, {str(path.relative_to(into)): path.read_text() for path in into.rglob("*") if path.is_file()}

    return run


@pytest.mark.parametrize("folder", [f"_{FILE}/", f"_{FILE}_/", f"_{FILE}/deep/er/", f"_{FILE}_"])
@pytest.mark.parametrize("name", ["linear.ipynb", "linear (1).ipynb", "Copy of LINEAR_ada.ipynb"])
def test_moodle_files_are_sorted_by_the_name_of_the_student(taken, folder, name):
    came, there = taken({f"Ada Example_77{folder}{name}": "a"})
    assert there == {"Ada-Example/linear/linear.ipynb": "a"}
    assert came.left_out == came.chosen == []


def test_a_roster_finds_a_student_whatever_number_moodle_gives_in_this_assignment(taken):
    files = {f"Ada Example_77_{FILE}/x.ipynb": "a", f"OMüller Zoë_78_{FILE}/x.ipynb": "z"}
    there = {"s1/linear/linear.ipynb": "a", "s2/linear/linear.ipynb": "z"}
    assert taken(files, ROSTER)[1] == there
    came, again = taken({name.replace("_7", "_9"): text for name, text in files.items()}, ROSTER)
    assert (again, came.same, came.new) == (there, ["s1", "s2"], [])


def test_canvas_files_are_sorted_by_the_number_of_the_student(taken):
    files = {"exampleada_LATE_4711_99_linear-2.ipynb": "a", "samplekim_4713_98_my_linear.ipynb": "k"}
    assert set(taken(files)[1]) == {"4711/linear/linear.ipynb", "4713/linear/linear.ipynb"}


def test_a_roster_finds_a_canvas_number_under_ID_or_as_the_students_own(taken):
    files = {
        "exampleada_4711_99_linear.ipynb": "a",
        "samplekim_4713_98_linear.ipynb": "k",
        "x_4799_97_linear.ipynb": "",
    }
    came, there = taken(files, ROSTER)
    assert there == {"s1/linear/linear.ipynb": "a", "4713/linear/linear.ipynb": "k"}
    assert came.left_out == ["4799 (nobody on the roster)"]


def test_a_later_archive_replaces_what_changed(taken):
    taken({f"Ada Example_77_{FILE}/x.ipynb": "old"})
    came, there = taken({f"Ada Example_77_{FILE}/y.ipynb": "new"})
    assert there == {"Ada-Example/linear/linear.ipynb": "new"}
    assert came.changed == ["Ada-Example"]


def test_of_several_notebooks_only_the_one_with_the_right_name_is_taken_and_named(taken):
    came, there = taken(
        {
            f"Ada Example_77_{FILE}/linear.ipynb": "a",
            f"Ada Example_77_{FILE}/old.ipynb": "o",
            f"Kim Sample_78_{FILE}/one.ipynb": "1",
            f"Kim Sample_78_{FILE}/two.ipynb": "2",
        }
    )
    assert there == {"Ada-Example/linear/linear.ipynb": "a"}
    assert came.chosen == ["Ada Example_77 (linear.ipynb of linear.ipynb, old.ipynb)"]
    assert came.left_out == ["Kim Sample_78 (several notebooks: one.ipynb, two.ipynb)"]


def test_who_can_not_be_told_apart_and_who_sent_no_notebook_is_named_and_stops_nobody_else(taken):
    came, there = taken(
        {
            f"Ada Example_77_{FILE}/x.ipynb": "a",
            f"Ada Example_78_{FILE}/x.ipynb": "b",
            f"Kim Sample_79_{FILE}/x.py": "k",
            "Zoe Sample_80_assignsubmission_onlinetext/onlinetext.html": "",
            f"Max Sample_81_{FILE}/x.ipynb": "m",
            f"__MACOSX/Max Sample_81_{FILE}/._x.ipynb": "",
        }
    )
    assert there == {"Max-Sample/linear/linear.ipynb": "m"}
    assert came.left_out == [
        "Ada Example_77 (more than one person has this name)",
        "Ada Example_78 (more than one person has this name)",
        "Kim Sample_79 (no notebook, but x.py)",
        "Zoe Sample_80 (no notebook, but onlinetext.html)",
    ]


def test_no_name_leads_out_of_the_folder(taken, tmp_path):
    came, there = taken({f".._1_{FILE}/x.ipynb": "a", f"-_2_{FILE}/x.ipynb": "b"})
    assert there == {}
    assert len(came.left_out) == 2


def test_an_archive_of_another_form_is_refused_with_a_sentence(taken):
    with pytest.raises(Refused, match=r"holds no file .* as Moodle or Canvas name them"):
        taken({"ada/linear/linear.ipynb": "a"})
