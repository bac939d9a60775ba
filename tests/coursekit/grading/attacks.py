"""Hostile and broken submissions for the sample exercise, one row each.

Most are code for the cell of the first answer, `softmax`, whose two points they want; all other answers are right. A row
with `own=True` does its deed and then answers rightly: it asserts that it did not get through, so that whoever gets
through loses the points. The others hand in a whole notebook, or no notebook at all.
"""

# ruff: noqa: E501 -- a line of hostile code stays on a line of its own
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ALL, ANY, NONE = "all", "any", "none"
CRASH = ("crashed", "out of memory")
SLOW = ("timed out", "crashed")
# Where evidence is left and where the kernel's sockets lie.
PLACES = (
    "import os\nfrom ipykernel import get_connection_file\n"
    "sockets = os.path.dirname(get_connection_file())\nevidence = os.path.join(os.path.dirname(sockets), 'evidence')\n"
)
# Evidence with the keys that any student may read in checks.json.
FORGE = (
    "import json\nfrom dlarch.check import Evidence, Task\n"
    "tasks = [Task.from_json(task) for task in json.load(open('checks.json'))['tasks'].values()]\n"
    "keys = {probe.name: probe.key for task in tasks for probe in task.probes}\n"
    "def forged(names):\n    return Evidence({name: keys.get(name) or keys['two_rows'] for name in names})\n"
)
ESCAPES = "def fails(action):\n    try:\n        action()\n    except (OSError, AttributeError):\n        return\n    raise AssertionError\n"


@dataclass(frozen=True)
class Attack:
    """One submission and what is to come of it.

    Args:
        name: of the student who hands it in.
        kind: of attack.
        hand_in: code for the first answer, or what makes the notebook (or bytes) out of the maker and its answers.
        states: that it may end in.
        own: whether a right answer follows the code, and earns its points.
        others: whether the other answers earn all their points, none, or (where a kernel ends or is patched) any.
        lost: checks besides that may earn nothing.
        says: words that must stand in a message or note.
        cold: whether it is tried in a cold kernel too.
        place: writes the bytes where the submission is expected.
    """

    name: str
    kind: str
    hand_in: str | Callable
    states: tuple[str, ...] = ("graded",)
    own: bool = False
    others: str = ALL
    lost: tuple[str, ...] = ()
    says: str = ""
    cold: bool = False
    place: Callable[[Path, bytes], object] = Path.write_bytes


def data_of(attack, maker):
    """The bytes that are handed in."""
    answers = dict(maker.source.answers)
    if callable(attack.hand_in):
        made = attack.hand_in(maker, answers)
    else:
        made = maker.notebook({**answers, "softmax": attack.hand_in + (answers["softmax"] if attack.own else "")})
    return made if isinstance(made, bytes) else json.dumps(made).encode()


def _id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _checks(notebook):
    return [cell for cell in notebook["cells"] if _id(cell).startswith("check-")]


# Whole notebooks


def blank(change):
    """The released notebook, unanswered, after a change."""

    def make(maker, answers):
        notebook = maker.notebook({})
        change(notebook)
        return notebook

    return make


def answered(change):
    """The notebook with all answers, after a change."""

    def make(maker, answers):
        notebook = maker.notebook(answers)
        change(notebook)
        return notebook

    return make


def added(code, **texts):
    """All answers but the first, whose work a cell of the student's own does, before it; or these texts instead."""

    def make(maker, answers):
        first = {"softmax": "# see above"}
        return maker.added(maker.notebook({**answers, **first, **texts}), code, before="answer-softmax")

    return make


def delete_checks(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] if not _id(cell).startswith("check-")]


def double_checks(notebook):
    for cell in _checks(notebook):
        notebook["cells"].append({**cell, "source": "print('This is right.')\n1.0"})


def retype_checks(notebook):
    for cell in _checks(notebook):
        cell["cell_type"] = "markdown"


def skip_checks(notebook):
    for cell in _checks(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "remove-cell"]


def forge_points(notebook):
    for cell in notebook["cells"]:
        marks = cell["metadata"].setdefault("nbgrader", {})
        marks.update(points=float("nan"), grade=True, locked=False, solution=True)
        if cell["cell_type"] == "code":
            marks["points"] = 1000
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2 of 2 points. This is right.\n"}]


def negative_points(notebook):
    for cell in _checks(notebook):
        cell["metadata"]["nbgrader"]["points"] = -1e308


def swap_ids(notebook):
    ids = {"answer-softmax": "check-softmax", "check-softmax": "answer-softmax"}
    for cell in notebook["cells"]:
        if _id(cell) in ids:
            cell["metadata"]["nbgrader"]["grade_id"] = ids[_id(cell)]


def alter_setup(notebook):
    for cell in notebook["cells"]:
        if _id(cell) == "given-setup":
            cell["source"] = "import sys\nsys.modules['dlarch.check'] = None\ndef check(name):\n    return 1.0\n"


def same_cell_ids(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "added-1"


def double_answers(notebook):
    for cell in list(notebook["cells"]):
        if _id(cell).startswith("answer-"):
            notebook["cells"].append({**cell, "source": "raise SystemExit"})


def other_kernel(notebook):
    notebook["metadata"] = {"kernelspec": {"name": "bash", "language": "bash", "argv": ["sh", "-c", "reboot"]}}


def scripts(maker, answers):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>[x](javascript:alert(4))"
    shown = (
        "from IPython.display import HTML, SVG, Javascript, Markdown, display\n"
        f"evil = {evil!r}\ndisplay(HTML(evil), Markdown(evil), Javascript('alert(5)'))\n"
        "display({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(6)</script></svg>'}, raw=True)\n"
        "display({'image/png': '\"><script>alert(7)</script>'}, raw=True)\nprint(evil)\nraise ValueError(evil)\n"
    )
    notebook = maker.added(maker.notebook({**answers, "why": evil}), shown)
    return maker.added(notebook, f"# {evil}\ndef softmax_script():\n    '''{evil}'''")


def formulas(maker, answers):
    return maker.notebook({**answers, "why": "=cmd|' /C calc'!A0", "softmax": "raise ValueError('=HYPERLINK(\"x\")')"})


def many_cells(maker, answers):
    notebook = maker.notebook(answers)
    notebook["cells"] += [notebook["cells"][1]] * 10_000
    return notebook


def long_answer(maker, answers):
    return maker.notebook({**answers, "softmax": "x = 1\n" * 500_000})


def huge_outputs(notebook):
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 60_000_000}]


def linked(target):
    def place(path, data):
        path.symlink_to(target)

    return place


def pipe(path, data):
    os.mkfifo(path)


def folder(path, data):
    path.mkdir()


def bytes_of(text):
    return lambda maker, answers: text


def returns(text):
    """The first answer as a function of one line."""
    return f"import torch, numpy as np\ndef softmax(logits):\n    return {text}\n"


ATTACKS = [
    # Forged points, outputs and evidence
    Attack("points-forged", "forged", blank(forge_points), others=NONE),
    Attack("points-negative", "forged", answered(negative_points), own=True),
    Attack("verdict-printed", "forged", "print('2 of 2 points. This is right.')\n2.0\n"),
    Attack(
        "collecting-patched",
        "forged",
        FORGE + "import dlarch.check\ndlarch.check.collect = lambda probes, space: forged([p.name for p in probes])\n",
        others=ANY,
        cold=True,
    ),
    Attack(
        "evidence-forged-by-a-thread",
        "forged",
        PLACES + FORGE + "import threading, time\ndef forge():\n    for _ in range(200):\n"
        "        forged(['two_rows', 'one_row', 'hidden_large_scores']).save(f'{evidence}/softmax.npz')\n"
        "        time.sleep(0.01)\nthreading.Thread(target=forge, daemon=True).start()\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    Attack(
        "evidence-of-another-task",
        "forged",
        PLACES + FORGE + "import shutil\nfor name in ('affine', 'count', 'initialise', 'threshold'):\n"
        "    forged(['value', 'hidden_doubled', 'digits']).save(f'{evidence}/{name}.npz')\n"
        "    os.chmod(f'{evidence}/{name}.npz', 0o400)\n",
        others=ANY,
    ),
    Attack(
        "evidence-of-another-probe",
        "forged",
        "import dlarch.check\nsave = dlarch.check.Evidence.save\ndef patched(self, path):\n"
        "    good = next((r for r in self.results.values() if isinstance(r, dict)), {})\n"
        "    save(dlarch.check.Evidence(dict.fromkeys(self.results, good)), path)\n"
        "dlarch.check.Evidence.save = patched\n",
        others=ANY,
    ),
    Attack("evidence-is-a-link", "forged", PLACES + "os.symlink('/etc/hostname', evidence + '/softmax.npz')\n"),
    Attack("evidence-is-a-folder", "forged", PLACES + "os.mkdir(evidence + '/softmax.npz')\n"),
    Attack("evidence-is-a-pipe", "forged", PLACES + "os.mkfifo(evidence + '/softmax.npz')\n", ("timed out",)),
    Attack(
        "evidence-is-huge",
        "forged",
        "import dlarch.check\ndlarch.check.Evidence.save = lambda self, path: open(path, 'wb').truncate(60_000_000)\n",
        ("graded", "crashed"),
        others=NONE,
    ),
    Attack(
        "evidence-is-a-zip-bomb",
        "forged",
        "import dlarch.check, zipfile\ndef save(self, path):\n"
        "    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as file:\n"
        "        for name in ('manifest.npy', 'a0.npy'):\n            file.writestr(name, bytes(100_000_000))\n"
        "dlarch.check.Evidence.save = save\n",
        others=NONE,
    ),
    Attack(
        "evidence-is-a-pickle",
        "forged",
        "import dlarch.check, numpy as np, os\nclass Run:\n    def __reduce__(self):\n"
        "        return os.system, ('touch /tmp/written-by-a-pickle',)\n"
        "dlarch.check.Evidence.save = lambda self, path: np.savez(path, manifest=np.array([Run()], dtype=object))\n",
        others=NONE,
    ),
    Attack(
        "iopub-messages-forged",
        "forged",
        "kernel = get_ipython().kernel\n"
        "for content in ({'data': {'text/plain': 5}}, [], 'x', {'text': None}, {'a': [[]] * 1000}):\n"
        "    for kind in ('stream', 'display_data', 'error', 'status', 'execute_reply', 'clear_output', 'nothing'):\n"
        "        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())\n"
        "kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=kernel.get_parent())\n",
    ),
    Attack(
        "iopub-messages-nested",
        "forged",
        "kernel = get_ipython().kernel\n"
        "kernel.iopub_socket.send_multipart([b'x', b'<IDS|MSG>'] + [b'[' * 100_000] * 5)\n"
        "kernel.iopub_socket.send_multipart([b'x', b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}'])\n",
    ),
    Attack(
        "shell-reply-forged",
        "forged",
        "import time\nkernel = get_ipython().kernel\nfor stream in (kernel.shell_stream, kernel.control_stream):\n"
        "    for content in ({'status': 'ok', 'execution_count': 1}, {'status': ['x']}, {'status': 'died'}, []):\n"
        "        kernel.session.send(stream.socket if hasattr(stream, 'socket') else stream, 'execute_reply', content,\n"
        "                            parent=kernel.get_parent(), ident=kernel.get_parent()['header']['session'].encode())\n"
        "time.sleep(1)\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    # Cells dropped, doubled, retyped
    Attack("checks-deleted", "cells", blank(delete_checks), ("tampered",), others=NONE),
    Attack("checks-doubled", "cells", blank(double_checks), ("tampered",), others=NONE),
    Attack("checks-retyped", "cells", blank(retype_checks), ("tampered",), others=NONE),
    Attack("checks-skipped", "cells", blank(skip_checks), others=NONE),
    Attack("ids-swapped", "cells", answered(swap_ids), ("tampered",)),
    Attack("setup-altered", "cells", answered(alter_setup), ("tampered",), own=True),
    Attack("cell-ids-equal", "cells", answered(same_cell_ids), own=True),
    Attack("answers-doubled", "cells", answered(double_answers), own=True),
    Attack("other-kernel", "cells", answered(other_kernel), own=True),
    # Libraries and the kernel patched
    Attack(
        "comparisons-patched",
        "patched",
        "import numpy as np, torch, dlarch.check\n"
        "for module, names in ((torch, 'allclose equal isclose'), (torch.testing, 'assert_close'),\n"
        "                      (np, 'allclose array_equal isclose all'), (np.testing, 'assert_allclose'),\n"
        "                      (dlarch.check, 'judge difference matches')):\n"
        "    for name in names.split():\n        setattr(module, name, lambda *args, **kwargs: True)\n"
        + returns("logits * 0"),
    ),
    Attack(
        "saving-patched",
        "patched",
        FORGE + "import numpy as np\nsavez = np.savez\ndef patched(file, manifest, **arrays):\n"
        "    savez(file, manifest=manifest, **{name: keys['two_rows']['probabilities'] for name in arrays})\n"
        "np.savez = patched\n" + returns("logits"),
        others=ANY,
    ),
    Attack(
        "probes-replaced",
        "patched",
        "import dlarch.check\nmake = dlarch.check.Probe.from_json\ndef patched(data):\n"
        "    return make({**data, 'source': f\"def {data['name']}():\\n    yield 'probabilities', 1.0\\n\"})\n"
        "dlarch.check.Probe.from_json = patched\n",
        others=ANY,
    ),
    Attack(
        "builtins-taken",
        "patched",
        "import builtins\nbuiltins.len = builtins.open = builtins.print = None\n",
        ("graded", *SLOW),
        others=ANY,
    ),
    Attack(
        "exec-patched",
        "patched",
        "import builtins\nbuiltins.exec = builtins.compile = lambda *a, **k: None\n",
        ("graded", *SLOW),
        others=ANY,
    ),
    Attack(
        "probes-disarmed",
        "patched",
        "import torch\ntorch.manual_seed = lambda seed: (_ for _ in ()).throw(SystemExit)\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    Attack(
        "check-module-replaced",
        "patched",
        "import sys, types\nfake = types.ModuleType('dlarch.check')\nfake.Probe = fake.collect = None\n"
        "sys.modules['dlarch.check'] = fake\n",
        others=NONE,
    ),
    Attack(
        "modules-shadowed",
        "patched",
        "import os, sys\nos.makedirs('dlarch')\nopen('dlarch/__init__.py', 'w').close()\n"
        "for name in ('torch.py', 'json.py', 'numpy.py', 'dlarch/check.py', 'sitecustomize.py', 'usercustomize.py'):\n"
        "    open(name, 'w').write('raise SystemExit')\n"
        "for name in [name for name in sys.modules if name.startswith(('dlarch', 'json'))]:\n    del sys.modules[name]\n"
        "sys.path.insert(0, os.getcwd())\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    Attack(
        "transformers-cleared",
        "patched",
        "ip = get_ipython()\nmanager = ip.input_transformer_manager\n"
        "for rules in (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers):\n"
        "    rules.clear()\nmanager.cleanup_transforms.append(lambda lines: ['print(\"all right\")\\n'])\n",
        others=NONE,
    ),
    Attack(
        "kernel-patched",
        "patched",
        "kernel = get_ipython().kernel\nasync def do_execute(*args, **kwargs):\n"
        "    return {'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []}\n"
        "kernel.do_execute = do_execute\n",
        others=NONE,
    ),
    Attack(
        "audit-hook",
        "patched",
        "import sys\ndef hook(event, args):\n    if event == 'open':\n        raise PermissionError\n"
        "sys.addaudithook(hook)\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    # Values in disguise
    Attack(
        "equal-to-all",
        "disguised",
        "class Equal:\n    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True\n"
        "    __ne__ = lambda self, other: False\n    __bool__ = lambda self: True\n    __float__ = lambda self: 0.0\n"
        "    __hash__ = None\n    __array__ = lambda self, *a, **k: __import__('numpy').ones(3) / 3\n"
        "    def __getattr__(self, name):\n        return self\n    def __call__(self, *args, **kwargs):\n"
        "        return self\nsoftmax = Equal()\n",
    ),
    Attack(
        "tensor-subclass",
        "disguised",
        "import torch\nclass Right(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        return True if 'close' in func.__name__ or 'eq' in func.__name__ else torch.zeros(3)\n"
        "    def numpy(self):\n        return 1.0\n    def __eq__(self, other):\n        return True\n"
        "def softmax(logits):\n    return torch.zeros(2, 3).as_subclass(Right)\n",
    ),
    Attack(
        "array-subclass",
        "disguised",
        "import numpy as np\nclass Right(np.ndarray):\n    __eq__ = __le__ = lambda self, other: True\n"
        "    def __array_ufunc__(self, *args, **kwargs):\n        return True\n"
        "    def __array_function__(self, *args, **kwargs):\n        return True\n"
        "def softmax(logits):\n    return np.zeros((2, 3)).view(Right)\n",
    ),
    Attack(
        "endless-list",
        "disguised",
        "class Endless(list):\n    def __iter__(self):\n        while True:\n            yield 1.0\n"
        "    def __len__(self):\n        return 1\ndef softmax(logits):\n    return Endless([1.0])\n",
        ("graded", *SLOW, "out of memory"),
        others=ANY,
    ),
    Attack(
        "nan-where-a-verdict-judges",
        "disguised",
        lambda maker, answers: maker.notebook(
            {**answers, "initialise": "def initialise(o, i):\n    return torch.full((o, i), float('nan'))\n"}
        ),
        own=True,
        lost=("initialise",),
    ),
    Attack(
        "empty-where-a-verdict-judges",
        "disguised",
        lambda maker, answers: maker.notebook(
            {**answers, "initialise": "def initialise(o, i):\n    return torch.zeros(0, i)\n"}
        ),
        own=True,
        lost=("initialise",),
    ),
    Attack(
        "infinite-where-a-verdict-judges",
        "disguised",
        lambda maker, answers: maker.notebook(
            {**answers, "initialise": "def initialise(o, i):\n    return torch.full((o, i), float('inf'))\n"}
        ),
        own=True,
        lost=("initialise",),
    ),
    Attack("nan-everywhere", "disguised", returns("logits * float('nan')")),
    # A finished function, though the answer may not use it
    Attack("finished-function", "refused", returns("torch.softmax(logits, 1)"), says="uses softmax"),
    Attack(
        "finished-function-by-magic", "refused", "%%time\n" + returns("torch.softmax(logits, 1)"), says="uses softmax"
    ),
    Attack("finished-function-by-star", "refused", "from torch.nn.functional import *\n"),
    Attack("finished-function-by-getattr", "refused", returns("getattr(torch, 'soft' + 'max')(logits, 1)")),
    Attack("finished-function-by-eval", "refused", returns("eval('torch.soft' + 'max(logits, 1)')")),
    Attack("finished-function-by-dict", "refused", returns("vars(torch)['soft' + 'max'](logits, 1)")),
    Attack(
        "finished-function-by-globals",
        "refused",
        added("import torch\nglobals()['softmax'] = lambda logits: torch.softmax(logits, 1)\n"),
    ),
    Attack(
        "finished-function-by-exec",
        "refused",
        added("import torch\nexec('soft' + 'max = lambda logits: torch.' + 'softmax(logits, 1)')\n"),
        others=ANY,
    ),
    Attack(
        "finished-function-by-shell",
        "refused",
        added("get_ipython().run_cell('import torch\\nsoftmax = lambda x: torch.soft' + 'max(x, 1)')\n"),
        others=ANY,
    ),
    Attack(
        "finished-function-by-file",
        "refused",
        added(
            "%%writefile own.py\nfrom torch.nn.functional import softmax as answer\n",
            softmax="from own import *\ndef softmax(logits):\n    return answer(logits, dim=1)\n",
        ),
    ),
    # Escapes
    Attack(
        "network",
        "escape",
        "import socket\nassert [name for _, name in socket.if_nameindex()] == ['lo']\n"
        + ESCAPES
        + "fails(lambda: socket.create_connection(('1.1.1.1', 53), timeout=1))\n"
        "fails(lambda: socket.getaddrinfo('example.org', 80))\n",
        own=True,
        cold=True,
    ),
    Attack(
        "unix-sockets",
        "escape",
        "import os, socket\nfor path in ('/run/docker.sock', '/var/run/docker.sock', '/run/dbus/system_bus_socket',\n"
        "             '/run/systemd/private', '/tmp/.X11-unix/X0'):\n    assert not os.path.exists(path), path\n"
        "names = [line.split()[7] for line in open('/proc/net/unix').read().splitlines()[1:] if len(line.split()) > 7]\n"
        "assert not [name for name in names if 'course-' not in name], names\n",
        own=True,
    ),
    Attack(
        "inherited-descriptors",
        "escape",
        "import os, stat\nfor name in os.listdir('/proc/self/fd'):\n    try:\n        status = os.fstat(int(name))\n"
        "    except OSError:\n        continue\n    assert not stat.S_ISDIR(status.st_mode), os.readlink(f'/proc/self/fd/{name}')\n"
        "    assert not stat.S_ISBLK(status.st_mode)\n",
        own=True,
    ),
    Attack(
        "ptrace",
        "escape",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nseen = [int(n) for n in os.listdir('/proc') if n.isdigit()]\n"
        "assert len(seen) < 6 and max(seen) < 1000, seen\n"
        "for pid in (os.getppid(), 1):\n    for path in ('root/home', 'root/srv', 'root/run', 'cwd/build'):\n"
        "        try:\n            assert not [n for n in os.listdir(f'/proc/{pid}/{path}') if n != 'student'], path\n"
        "        except OSError:\n            pass\n",
        own=True,
    ),
    Attack(
        "privileges",
        "escape",
        "import ctypes, os\n" + ESCAPES + "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(name, *args):\n    if libc[name](*args) != 0:\n        raise OSError\n"
        "fails(lambda: os.setuid(0))\nfails(lambda: os.setgid(0))\nfails(lambda: os.chroot('/tmp'))\n"
        "fails(lambda: call('unshare', 0x10000000))\nfails(lambda: call('unshare', 0x20000))\n"
        "fails(lambda: call('mount', b'none', b'/tmp', b'tmpfs', 0, None))\n"
        "fails(lambda: os.mknod('/tmp/disk', 0o60600, os.makedev(254, 0)))\n"
        "fails(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))\nfails(lambda: os.nice(-5))\n"
        "assert 'CapEff:\\t0000000000000000' in open('/proc/self/status').read()\n"
        "assert 'NoNewPrivs:\\t1' in open('/proc/self/status').read()\n",
        own=True,
        cold=True,
    ),
    Attack(
        "writes-outside",
        "escape",
        "import os, pathlib, sys\nplaces = ['/', '/etc', '/usr', '/usr/local', '/var/tmp', '/course/lib', sys.prefix, '/home',\n"
        "          os.path.dirname(os.__file__), '/root', '/dev', '/proc/self/root', '/proc/1/root', '/proc/self/root/etc',\n"
        "          '/proc/sys/kernel', '/sys', os.path.dirname(__import__('dlarch').__file__)]\n"
        "for place in places:\n    if place.startswith('/tmp/'):\n        continue  # private, and gone with the kernel\n"
        "    try:\n        pathlib.Path(place, 'written-by-a-submission').write_text('x')\n"
        "    except OSError:\n        continue\n    raise AssertionError(place)\n"
        "for place in (os.__file__, sys.executable, 'checks.json', '/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern'):\n"
        "    try:\n        open(place, 'ab').close()\n    except OSError:\n        continue\n    raise AssertionError(place)\n",
        own=True,
        cold=True,
    ),
    Attack(
        "kernel-settings",
        "escape",
        "import os\nfor top in ('/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/sys'):\n"
        "    for folder, _, files in os.walk(top):\n"
        "        assert not [name for name in files if os.access(os.path.join(folder, name), os.W_OK)], folder\n"
        "assert not os.access('/proc/sysrq-trigger', os.W_OK)\n",
        own=True,
        cold=True,
    ),
    Attack(
        "signals-to-all",
        "escape",
        "import os, signal\nos.kill(-1, signal.SIGKILL)\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    Attack(
        "signal-to-the-parent",
        "escape",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
        ("crashed", "graded"),
        others=ANY,
    ),
    # Theft
    Attack(
        "reads-the-course",
        "theft",
        lambda maker, answers: maker.notebook(
            {
                **answers,
                "softmax": (
                    f"import os\nassert not os.path.exists({str(maker.course)!r})\n"
                    "for top in ('/home', '/root', '/srv', '/tmp', '/mnt', '/opt', '/var', '/course', '/work'):\n"
                    "    for folder, folders, files in os.walk(top):\n"
                    "        folders[:] = [name for name in folders if name != 'site-packages']\n"
                    "        found = {'misconceptions.py', 'gradebook.db', 'sample.json', 'grades.csv', 'attacks.py'} & {*files}\n"
                    "        assert not found and 'autograded' not in folders, folder\n"
                )
                + answers["softmax"],
            }
        ),
        own=True,
        cold=True,
    ),
    Attack(
        "other-submissions",
        "theft",
        PLACES
        + "import glob\nrooms = {os.path.dirname(os.path.dirname(p)) for p in glob.glob('/tmp/**/kernel.json', recursive=True)}\n"
        "assert rooms == {os.path.dirname(sockets)}, rooms\nassert os.listdir(evidence) == []\n",
        own=True,
    ),
    Attack(
        "keys-in-memory",
        "theft",
        "import gc\nfrom dlarch.check import Probe, Task\n"
        "assert not [thing for thing in gc.get_objects() if isinstance(thing, Task | Probe)]\n"
        "assert 'hidden_large' not in open('checks.json').read()\n",
        own=True,
    ),
    Attack(
        "secrets",
        "theft",
        "import os\nwords = ('TOKEN', 'SECRET', 'PASSWORD', 'KEY', 'PYTEST')\n"
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n    for name in ('environ', 'cmdline'):\n        try:\n"
        "            text = open(f'/proc/{pid}/{name}').read()\n        except OSError:\n            continue\n"
        "        assert not [word for word in words if word in text], text\n"
        "assert not [word for word in words for name in os.environ if word in name]\n"
        "assert not os.path.exists('/etc/shadow') and not os.path.exists('/etc/passwd')\n",
        own=True,
    ),
    Attack(
        "gradebook-edited",
        "theft",
        "import glob, os, sqlite3\nassert not glob.glob('/*/gradebook.db') + glob.glob('/*/*/gradebook.db')\n"
        "sqlite3.connect('gradebook.db').execute('create table grade (score float)')\n"
        "open('result.json', 'w').write('{\"points\": 1000}')\n",
        own=True,
    ),
    # What outlives its cell
    Attack(
        "daemon",
        "leftover",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n",
        own=True,
        cold=True,
    ),
    Attack(
        "atexit",
        "leftover",
        "import atexit, threading, time\natexit.register(time.sleep, 600)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n",
        own=True,
    ),
    Attack(
        "startup-files",
        "leftover",
        "import os, pathlib\n"
        "for place in ('~/.ipython/profile_default/startup/a.py', '~/.bashrc', 'sitecustomize.py', 'torch.py',\n"
        "              '~/.config/matplotlib/matplotlibrc', '~/.local/lib/python3.11/site-packages/evil.pth'):\n"
        "    path = pathlib.Path(os.path.expanduser(place))\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n    path.write_text('raise SystemExit')\n",
        own=True,
    ),
    Attack("sockets-removed", "leftover", PLACES + "import shutil\nshutil.rmtree(sockets, ignore_errors=True)\n"),
    Attack(
        "folders-nested",
        "leftover",
        PLACES + "here = os.getcwd()\nos.chdir(evidence)\nfor _ in range(2500):\n    os.mkdir('a')\n    os.chdir('a')\n"
        "os.chdir(here)\n",
    ),
    # Bombs, each against one limit
    Attack(
        "fork-bomb", "limits", "import os\nwhile True:\n    os.fork()\n", (*CRASH, "timed out"), others=ANY, cold=True
    ),
    Attack(
        "thread-bomb",
        "limits",
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(60,)).start()\n",
        ("crashed", "graded", "timed out"),
        others=ANY,
        says="started more than",
    ),
    Attack("memory-at-once", "limits", "import torch\ntorch.zeros(10 ** 13)\n", says="RuntimeError"),
    Attack(
        "memory-bit-by-bit",
        "limits",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(b'x' * 5_000_000))\n",
        ("out of memory",),
        others=ANY,
        says="MB of memory",
        cold=True,
    ),
    Attack(
        "disk-at-home",
        "limits",
        "n = 0\nwhile True:\n    open(f'big{n}', 'wb').write(bytes(10_000_000))\n    n += 1\n",
        says="OSError",
    ),
    Attack(
        "disk-in-the-evidence",
        "limits",
        PLACES + "n = 0\nwhile True:\n    open(f'{evidence}/{n}', 'wb').write(bytes(1_000_000))\n    n += 1\n",
        SLOW,
        others=ANY,
        says="MB to disk",
    ),
    Attack(
        "files-at-home",
        "limits",
        "n = 0\nwhile True:\n    open(f'{n}', 'wb').close()\n    n += 1\n",
        SLOW,
        others=ANY,
        says="files",
    ),
    Attack(
        "files-in-the-evidence",
        "limits",
        PLACES + "n = 0\nwhile True:\n    open(f'{evidence}/{n}', 'wb').close()\n    n += 1\n",
        SLOW,
        others=ANY,
        says="files",
    ),
    Attack(
        "open-files",
        "limits",
        "files = []\nwhile True:\n    files.append(open('checks.json'))\n",
        ("graded", *SLOW),
        others=ANY,
    ),
    Attack(
        "output", "limits", "for _ in range(1_000_000):\n    print('x' * 100)\n", ("graded", "timed out"), others=ANY
    ),
    Attack("endless-loop", "limits", "while True:\n    pass\n", ("timed out",), says="ran longer than"),
    Attack(
        "deaf-loop",
        "limits",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n",
        ("timed out",),
        says="did not heed",
    ),
    Attack(
        "interrupt-ignored",
        "limits",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nget_ipython().kernel.interrupt_request = None\n"
        "while True:\n    pass\n",
        ("timed out",),
    ),
    Attack(
        "sleep-in-finally",
        "limits",
        "import time\ntry:\n    time.sleep(60)\nfinally:\n    time.sleep(60)\n",
        ("timed out",),
        says="did not heed",
    ),
    Attack(
        "loop-in-the-probe",
        "limits",
        "def softmax(logits):\n    while True:\n        pass\n",
        ("timed out",),
        says="does your code end",
    ),
    # Ends of all kinds
    Attack(
        "exits-a-hundred-times",
        "ends",
        lambda maker, answers: {
            **maker.notebook(answers),
            "cells": [{"cell_type": "code", "metadata": {}, "source": f"import os\nos._exit({n})"} for n in range(100)]
            + maker.notebook(answers)["cells"],
        },
        ("crashed",),
        others=NONE,
        says="started 6 times",
    ),
    Attack("sys-exit", "ends", "import sys\nsys.exit(0)\n"),
    Attack("exit", "ends", "exit()\n"),
    Attack("exit-a-little-later", "ends", "exit()\nimport time\ntime.sleep(0.5)\n"),
    Attack("os-exit", "ends", "import os\nos._exit(0)\n", ("crashed",), says="Python itself ended"),
    Attack(
        "os-exit-in-the-probe",
        "ends",
        "def softmax(logits):\n    import os\n    os._exit(0)\n",
        ("crashed",),
        others=ANY,
    ),
    Attack("segfault", "ends", "import ctypes\nctypes.string_at(0)\n", ("crashed",)),
    Attack("stopped", "ends", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n", SLOW),
    Attack(
        "shut-down-politely",
        "ends",
        "get_ipython().kernel.do_shutdown(False)\nget_ipython().ask_exit()\nimport time\ntime.sleep(1)\nexit()\n",
        ("crashed", "graded"),
        others=ANY,
    ),
    Attack("asks", "ends", "input('the key? ')\n", says="nobody is there to answer"),
    Attack("debugger", "ends", "breakpoint()\n", ("graded", *SLOW), others=ANY),
    Attack("interrupt-raised", "ends", "raise KeyboardInterrupt\n"),
    Attack("recursion", "ends", "def softmax(logits):\n    return softmax(logits)\n", says="RecursionError"),
    Attack(
        "raises-what-cannot-be-caught",
        "ends",
        "class Stop(BaseException):\n    pass\ndef softmax(logits):\n    raise Stop\n",
    ),
    Attack(
        "error-whose-text-never-ends",
        "ends",
        "class Endless(Exception):\n    def __str__(self):\n        while True:\n            pass\n"
        "def softmax(logits):\n    raise Endless\n",
        ("timed out",),
    ),
    Attack(
        "error-whose-text-fails",
        "ends",
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\ndef softmax(logits):\n    raise Bad\n",
        ("graded", "crashed"),
        others=ANY,
    ),
    Attack(
        "value-whose-text-never-ends",
        "ends",
        "class Endless:\n    def __repr__(self):\n        while True:\n            pass\nEndless()\n",
        ("timed out",),
    ),
    # What people look at
    Attack("scripts", "page", scripts, own=True),
    Attack("formulas", "page", formulas),
    # No notebooks
    Attack("empty-file", "file", bytes_of(b""), ("unreadable",), others=NONE),
    Attack(
        "cut-short",
        "file",
        lambda maker, answers: json.dumps(maker.notebook(answers)).encode()[:3000],
        ("unreadable",),
        others=NONE,
    ),
    Attack(
        "utf-16",
        "file",
        lambda maker, answers: json.dumps(maker.notebook(answers)).encode("utf-16"),
        ("unreadable",),
        others=NONE,
    ),
    Attack("null-bytes", "file", lambda maker, answers: maker.notebook({**answers, "softmax": "x = 1\0\n\ud800"})),
    Attack("deep-json", "file", bytes_of(b"[" * 200_000 + b"]" * 200_000), ("unreadable",), others=NONE),
    Attack("no-notebook", "file", bytes_of(b'{"cells": "none"}'), ("unreadable",), others=NONE),
    Attack("old-format", "file", bytes_of(b'{"nbformat": 3, "worksheets": []}'), ("unreadable",), others=NONE),
    Attack(
        "pickle",
        "file",
        bytes_of(b"\x80\x04\x95cos\nsystem\n(S'touch /tmp/written-by-a-pickle'\ntR."),
        ("unreadable",),
        others=NONE,
    ),
    Attack("many-cells", "file", many_cells, ("unreadable",), others=NONE, says="cells"),
    Attack("long-answer", "file", long_answer, ("unreadable",), others=NONE, says="characters"),
    Attack("huge-outputs", "file", answered(huge_outputs), ("unreadable",), others=NONE, says="Clear the outputs"),
    Attack(
        "link-to-another",
        "file",
        bytes_of(b""),
        ("unreadable",),
        others=NONE,
        place=linked("../../scripts/sample/sample.ipynb"),
    ),
    Attack("link-to-the-system", "file", bytes_of(b""), ("unreadable",), others=NONE, place=linked("/etc/passwd")),
    Attack("link-to-itself", "file", bytes_of(b""), ("unreadable",), others=NONE, place=linked("sample.ipynb")),
    Attack("named-pipe", "file", bytes_of(b""), ("unreadable",), others=NONE, place=pipe),
    Attack("folder-for-a-file", "file", bytes_of(b""), ("unreadable",), others=NONE, place=folder),
]
