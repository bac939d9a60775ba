"""Hostile code for the sample exercise, beyond what the sample class already holds.

Each stands in the first answer's cell, alone or before a right answer; all other answers are right. `EVIDENCE` finds
the folder in which evidence is left, `FORGED` is a set of visible keys.
"""

from dataclasses import dataclass

EVIDENCE = (
    "import glob\nevidence = glob.glob('/tmp/course-*/evidence')[0]\nsockets = glob.glob('/tmp/course-*/run')[0]\n"
)


@dataclass(frozen=True)
class Attack:
    """What runs, the states it may end in, and whether the other answers can still earn their points."""

    name: str
    code: str
    states: tuple[str, ...] = ("graded",)
    others: bool = True
    own: bool = False


ATTACKS = [
    Attack(
        "fork bomb", "import os\nwhile True:\n    os.fork()\n", ("crashed", "out of memory", "timed out"), others=False
    ),
    Attack(
        "thread bomb",
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(60,)).start()\n",
        ("crashed", "graded", "timed out"),
        others=False,
    ),
    Attack("huge allocation", "import torch\ntorch.zeros(10 ** 13)\n"),
    Attack("disk bomb at home", "while True:\n    open('big', 'ab').write(bytes(10_000_000))\n"),
    Attack(
        "disk bomb in the evidence",
        EVIDENCE + "n = 0\nwhile True:\n    open(f'{evidence}/{n}', 'wb').write(bytes(10_000_000))\n    n += 1\n",
        ("crashed", "timed out"),  # on a busy machine the time may be up before the disk is full
        others=False,
    ),
    Attack(
        "a million small files",
        EVIDENCE + "n = 0\nwhile True:\n    open(f'{evidence}/{n}', 'wb')\n    n += 1\n",
        ("crashed", "timed out"),
        others=False,
    ),
    Attack(
        "folders nested deep",
        EVIDENCE + "import os\nhere = os.getcwd()\nos.chdir(evidence)\n"
        "for _ in range(3000):\n    os.mkdir('a')\n    os.chdir('a')\nos.chdir(here)\n",
        others=True,
    ),
    Attack("evidence is a link", EVIDENCE + "import os\nos.symlink('/etc/hostname', evidence + '/softmax.npz')\n"),
    Attack("evidence is a folder", EVIDENCE + "import os\nos.mkdir(evidence + '/softmax.npz')\n"),
    Attack("evidence is a pipe", EVIDENCE + "import os\nos.mkfifo(evidence + '/softmax.npz')\n", ("timed out",)),
    Attack(
        "evidence is huge",
        EVIDENCE + "import dlarch.check\n"
        "def save(self, path):\n    open(path, 'wb').truncate(60_000_000)\n"
        "dlarch.check.Evidence.save, kept = save, dlarch.check.Evidence.save\n",
        others=False,
    ),
    Attack(
        "evidence is a bomb",
        EVIDENCE + "import dlarch.check, zipfile\n"
        "def save(self, path):\n"
        "    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as file:\n"
        "        for name in ('manifest.npy', 'a0.npy'):\n            file.writestr(name, bytes(100_000_000))\n"
        "dlarch.check.Evidence.save = save\n",
        others=False,
    ),
    Attack(
        "evidence is a pickle",
        "import dlarch.check, numpy as np, os\n"
        "class Run:\n    def __reduce__(self):\n        return os.system, ('touch /tmp/written-by-a-pickle',)\n"
        "dlarch.check.Evidence.save = lambda self, path: np.savez(path, manifest=np.array([Run()], dtype=object))\n",
        others=False,
    ),
    Attack("sockets removed", EVIDENCE + "import shutil\nshutil.rmtree(sockets, ignore_errors=True)\n"),
    Attack(
        "forged messages",
        EVIDENCE + "import json\n"
        "from jupyter_client.session import Session\n"
        "kernel = get_ipython().kernel\n"
        "for content in ({'data': {'text/plain': 5}}, [], 'x', {'text': None}, {'a': [[]] * 1000}):\n"
        "    for kind in ('stream', 'display_data', 'error', 'status', 'execute_reply', 'clear_output', 'nothing'):\n"
        "        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())\n"
        "kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=kernel.get_parent())\n",
    ),
    Attack(
        "nested messages",
        "kernel = get_ipython().kernel\n"
        "kernel.iopub_socket.send_multipart([b'x', b'<IDS|MSG>'] + [b'[' * 100_000] * 5)\n"
        "kernel.iopub_socket.send_multipart([b'x', b'<IDS|MSG>', b'', b'{}', b'{}', b'{}', b'{}'])\n",
    ),
    Attack(
        "kernel shut down politely",
        "get_ipython().kernel.do_shutdown(False)\nget_ipython().ask_exit()\nimport time\ntime.sleep(1)\nexit()\n",
        ("crashed", "graded"),
        others=False,
    ),
    Attack(
        "daemon left behind",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
        "    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n",
        own=True,
    ),
    Attack(
        "startup files",
        "import os, pathlib\n"
        "for place in ('~/.ipython/profile_default/startup/a.py', '~/.bashrc', 'sitecustomize.py', 'torch.py'):\n"
        "    path = pathlib.Path(os.path.expanduser(place))\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n    path.write_text('raise SystemExit')\n",
        own=True,
    ),
    Attack(
        "builtins taken",
        "import builtins\nbuiltins.len = builtins.open = builtins.print = None\n",
        ("graded", "timed out", "crashed"),
        others=False,
    ),
    Attack(
        "probes disarmed",
        "import torch\ntorch.manual_seed = lambda seed: (_ for _ in ()).throw(SystemExit)\n",
        ("graded", "crashed"),
        others=False,
    ),
    Attack("recursion", "def softmax(logits):\n    return softmax(logits)\n"),
    Attack(
        "raises what cannot be caught", "class Stop(BaseException):\n    pass\ndef softmax(logits):\n    raise Stop\n"
    ),
    Attack("exits in the probe", "def softmax(logits):\n    import os\n    os._exit(0)\n", ("crashed",), others=False),
    Attack("loops in the probe", "def softmax(logits):\n    while True:\n        pass\n", ("timed out",)),
]
