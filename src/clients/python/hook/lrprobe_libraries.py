# SPDX-License-Identifier: MIT
"""Redirects what libraries write that open files in C, and so not through Python's own functions: each of them is given
another path when it is imported (MODULES), by the class that waits for imports (Finder)."""
import os

from lrprobe_shadow import NAMES, view


def _patch_sqlite3(module):
    original = module.connect

    def connect(database, *arguments, **keywords):
        is_address = bool(keywords.get("uri", len(arguments) > 6 and arguments[6]))
        path = database
        if isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(os.fspath(path)) not in ("", ":memory:"):
            path = os.fsdecode(os.fspath(path))
            tail = ""
            if is_address and path.startswith("file:"):
                from urllib.parse import unquote

                path, mark, tail = path[len("file:"):].partition("?")
                path, tail = unquote(path), mark + tail
            if not (is_address and (path == ":memory:" or "mode=memory" in tail)):
                path = _with_companions(path)
                database = "file:" + path + tail if tail or is_address else path
        return original(database, *arguments, **keywords)

    module.connect = connect
    module.dbapi2.connect = connect


def _with_companions(path):
    """A data base's file for writing, with its journal."""
    for more in ("-journal", "-wal", "-shm"):
        key = view.key(path + more)
        if key is not None and view.seen(key) is not None:
            view.copied(key)
    return os.fspath(view.for_writing(path)[0])


def _patch_torch(torch):
    is_path = (str, os.PathLike)

    class PyTorchFileWriter(torch._C.PyTorchFileWriter):
        def __init__(self, name, *arguments, **keywords):
            name = os.fspath(view.for_writing(name, keep=False)[0]) if isinstance(name, is_path) else name
            super().__init__(name, *arguments, **keywords)

    class PyTorchFileReader(torch._C.PyTorchFileReader):
        def __init__(self, name, *arguments, **keywords):
            name = os.fspath(view.for_reading(name)[0]) if isinstance(name, is_path) else name
            super().__init__(name, *arguments, **keywords)

    torch._C.PyTorchFileWriter, torch._C.PyTorchFileReader = PyTorchFileWriter, PyTorchFileReader
    _wrap_path(torch, "load", _view_reading, torch.serialization)
    _wrap_path(torch.jit, "load", _view_reading, torch.jit._serialization)
    _wrap_path(torch.jit, "save", _view_writing, torch.jit._serialization, place=1)
    _wrap_path(torch.jit.ScriptModule, "save", _view_writing, place=1)
    _wrap_path(torch.jit.RecursiveScriptModule, "save", _view_writing, place=1)


def _view_reading(path):
    return os.fspath(view.for_reading(path)[0])


def _view_writing(path):
    return os.fspath(view.for_writing(path, keep=False)[0])


def _wrap_path(owner, name, lead, second=None, place=0):
    """Gives the function another path, where it is given one as its argument of that place."""
    original = getattr(owner, name, None)
    if original is None:
        return

    def function(*arguments, **keywords):
        if len(arguments) > place and isinstance(arguments[place], (str, os.PathLike)):
            arguments = arguments[:place] + (lead(arguments[place]),) + arguments[place + 1:]
        for key in ("f", "filename", "name"):
            if isinstance(keywords.get(key), (str, os.PathLike)):
                keywords[key] = lead(keywords[key])
        return original(*arguments, **keywords)

    function.__name__, function.__doc__ = name, original.__doc__
    setattr(owner, name, function)
    if second is not None and getattr(second, name, None) is original:
        setattr(second, name, function)


def _patch_safetensors(module):
    _wrap_path(module, "serialize_file", _view_writing, place=1)
    _wrap_path(module, "safe_open", _view_reading)


def _patch_h5py(module):
    original = module.File.__init__

    def __init__(self, name, mode="r", *arguments, **keywords):
        if isinstance(name, (str, bytes, os.PathLike)):
            if mode == "r":
                name = view.for_reading(name)[0]
            else:
                name = view.for_writing(name, keep=mode != "w", exclusive=mode in ("x", "w-"))[0]
        original(self, name, mode, *arguments, **keywords)

    module.File.__init__ = __init__


def _patch_shutil(module):
    module._use_fd_functions = False  # it deletes by descriptors else


def _patch_pathlib(module):
    accessor = getattr(module, "_normal_accessor", None)  # up to Python 3.10 it holds the functions itself
    for name in NAMES:
        if accessor is not None and hasattr(accessor, name):
            setattr(accessor, name, getattr(os, name))


MODULES = {"sqlite3": _patch_sqlite3, "torch": _patch_torch, "safetensors": _patch_safetensors, "h5py": _patch_h5py,
            "shutil": _patch_shutil, "pathlib": _patch_pathlib}


class Finder:
    """Lets the others find a module of the table (of functions by modules' names), and gives it to its function when
    its own code has run."""

    def __init__(self, table):
        self.table = table
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        if name not in self.table or name in self.busy:
            return None
        import importlib.util

        self.busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy.discard(name)
        execute = getattr(getattr(spec, "loader", None), "exec_module", None)
        if execute is None:
            return spec

        def exec_module(module):
            execute(module)
            self.table[name](module)

        spec.loader.exec_module = exec_module
        return spec
