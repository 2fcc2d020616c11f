# SPDX-License-Identifier: MIT
# Python runs this at its start when `lrprobe sweep -- COMMAND` has put its folder into PYTHONPATH. Every Python in the
# tree of processes does, old ones too: so it must be readable by any version, and do nothing where it is not meant.
import os
import sys


# In the order in which they need each other.
_FILES = ("lrprobe_shadow", "lrprobe_libraries", "lrprobe_files")
_PARTS = ("lrprobe_losses", "lrprobe_endings", "lrprobe_validation", "lrprobe_updates", "lrprobe_watch",
          "lrprobe_torch_hook")


def _load(name, path):
    """The module of that file, whatever else sys.path holds under its name."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _load_files():
    here = os.path.dirname(os.path.abspath(__file__))
    for name in _FILES:
        if name not in sys.modules:
            _load(name, os.path.join(here, name + ".py"))


def _protect_files():
    _load_files()
    sys.modules["lrprobe_files"].install()


def _start_copies():
    here = os.path.dirname(os.path.abspath(__file__))
    _load_files()
    _load("lrprobe_copies", os.path.join(here, "lrprobe_copies.py")).install()


def _start_hook():
    here = os.path.dirname(os.path.abspath(__file__))
    _load("lrprobe", os.path.join(os.path.dirname(here), "lrprobe.py"))
    for name in _PARTS:
        part = _load(name, os.path.join(here, name + ".py"))
    part.install()


def _start(what, start):
    try:
        start()
    except Exception as error:
        # the script would write over the user's files, or follow its own rates: better no run than such a one
        sys.stderr.write("lrprobe: %s cannot start: %s: %s\n" % (what, type(error).__name__, error))
        sys.stderr.flush()
        os._exit(1)


def _run_shadowed():
    """The sitecustomize of the system or the user that would have been found without this one."""
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    folders = [folder for folder in sys.path if os.path.abspath(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", folders)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if sys.version_info >= (3, 8):
    if os.environ.get("LRPROBE_FILES"):
        _start("the protection of your files", _protect_files)
    if os.environ.get("LRPROBE_COPIES"):
        _start("the template of the runs", _start_copies)
    if os.environ.get("LRPROBE_HOOK") == "torch" and os.environ.get("LRPROBE_PLAN"):
        _start("the hook", _start_hook)
    _run_shadowed()
