"""What the comparison with nbgrader measures, and on which submissions."""

import json
import subprocess
import sys

from coursekit.bench import grading


def test_submissions_are_of_all_honest_kinds_and_no_two_are_alike(source):
    made = list(grading.submissions(source, 9))
    assert {student.split("-")[0] for student, _ in made} == {"right", "half", "variant", "wrong"}
    assert len({json.dumps(notebook) for _, notebook in made}) == len({student for student, _ in made}) == 9


def test_the_meter_counts_time_and_memory_of_children():
    busy = "import time\nheld = bytearray(b'x' * 50_000_000)\nwhile time.process_time() < 1.0: pass"
    with grading.Meter() as meter:
        subprocess.run([sys.executable, "-c", busy], check=True)
    with grading.Meter() as idle:
        subprocess.run(["sleep", "0.5"], check=True)
    assert 0.5 < meter.cpu_seconds < 3.0
    assert idle.cpu_seconds < 0.5 * meter.cpu_seconds
    assert meter.megabytes > idle.megabytes + 40
