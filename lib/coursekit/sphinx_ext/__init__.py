"""What this book adds to Sphinx: cache keys that see the library, the ledger, exercises, hours, scripts of its own."""

import hashlib
from pathlib import Path

from pybtex import plugin
from sphinx.application import Sphinx

from coursekit.sphinx_ext import assets, execution, exercises, guides, ledger, library, neighbours


def setup(app: Sphinx) -> dict:
    """Register every part. A change to this package makes Sphinx read all pages again."""
    for part in (assets, execution, exercises, guides, ledger, library, neighbours):
        part.setup(app)
    # pybtex would go through all installed packages for it, once for each entry of the bibliography and each citation.
    backend = plugin.find_plugin("pybtex.backends", "plaintext")
    plugin.register_plugin("pybtex.backends", "plaintext", backend, force=True)
    own = [*sorted(Path(__file__).parent.glob("*.py")), Path(__file__).parents[1] / "facts.py"]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in own)).hexdigest()
    return {"version": "1", "env_version": digest, "parallel_read_safe": False, "parallel_write_safe": True}
