"""Files of recorded runs: whole rows, sorted, from several processes at once."""

import json
import multiprocessing
from pathlib import Path

import pytest
import torch

from coursekit import recorded

KEY = ("network", "seed")


def write_all(path: Path, network: str) -> None:
    for seed in range(20):
        recorded.add(path, "runs", {"network": network, "seed": seed}, key=KEY)


def test_processes_that_end_at_the_same_time_lose_no_row(tmp_path):
    path = tmp_path / "runs.json"
    start = multiprocessing.get_context("spawn").Process
    processes = [start(target=write_all, args=(path, name)) for name in ("b", "a")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    rows = json.loads(path.read_text())["runs"]
    assert [(row["network"], row["seed"]) for row in rows] == [(name, seed) for name in "ab" for seed in range(20)]


def test_a_row_with_the_same_key_is_replaced_and_other_parts_stay(tmp_path):
    path = tmp_path / "runs.json"
    recorded.add(path, "rates", {"rate": 0.1}, key=("rate",), about={"data": "old"})
    for error in (9.0, 8.0):
        recorded.add(path, "runs", {"network": "a", "seed": 0, "error": error}, key=KEY, about={"data": "new"})
    assert recorded.read(path) == {
        "data": "new",
        "rates": [{"rate": 0.1}],
        "runs": [{"network": "a", "seed": 0, "error": 8.0}],
    }


def test_a_writer_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "runs.json"
    recorded.add(path, "runs", {"network": "a", "seed": 0}, key=KEY)
    before = path.read_text()
    with pytest.raises(TypeError, match="not JSON serializable"):
        recorded.add(path, "runs", {"network": "b", "seed": 0, "error": torch.zeros(1)}, key=KEY)
    assert path.read_text() == before


def test_a_row_is_found_by_its_values():
    rows = [{"network": "a", "seed": 0}, {"network": "a", "seed": 1}]
    assert recorded.find(rows, {"network": "a", "seed": 1}) is rows[1]
    assert recorded.find(rows, {"network": "b"}) is None


def test_checkpoints_stand_beside_the_rows_and_outside_the_book(tmp_path):
    assert recorded.checkpoint(tmp_path / "x.json", "cifar", "MobileNet v1", 0) == tmp_path / "cifar-MobileNet-v1-0.pt"
    assert recorded.checkpoint(recorded.BOOK / "x.json", "a").parent == recorded.BUILD


def test_conditions_name_the_machine_and_the_versions():
    found = recorded.conditions("cpu")
    assert "no GPU" in found["hardware"]
    assert found["versions"]["torch"] == torch.__version__
