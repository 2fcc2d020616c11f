# SPDX-License-Identifier: MIT
"""Keeps what a swept trainer writes away from the user's own files.

Where LRPROBE_FILES names a folder of this run, what Python's own functions (open, os, pathlib, shutil) would write,
change or delete elsewhere happens there (lrprobe_shadow says where), and what some libraries write in C as well
(lrprobe_libraries: sqlite3, torch.save, h5py, safetensors).

What cannot be redirected is refused: an audit hook raises PermissionError where Python opens, renames or deletes a
file of the user's in another way. Other programs that the script starts, and other libraries that open files in C, are
not seen here at all.
"""
import builtins
import errno
import io
import os
import stat
import sys

from lrprobe_libraries import Finder, MODULES
from lrprobe_shadow import copy_all, copy_one, discard, exists, is_folder, is_link, move, os_error, system, use, view

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TEMPORARY_FILE = getattr(os, "O_TMPFILE", 0)


def _named(given, actual, function, *arguments, **keywords):
    """Errors name the path that the script has given."""
    try:
        return function(*arguments, **keywords)
    except OSError as error:
        if error.filename == actual and actual is not given:
            error.filename = given
        raise


def _open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if isinstance(file, int) or not isinstance(mode, str) or (opener is not None and view.folder is None):
        return system.io_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    if opener is not None:  # it calls os.open
        opened = system.io_open(opener(file, _flags(mode)), mode, buffering, encoding, errors, newline)
        return _with_name(opened, file)
    if set(mode) & set("wax+"):
        actual, _ = view.for_writing(file, keep="w" not in mode, create="r" not in mode, exclusive="x" in mode)
    else:
        actual, _ = view.for_reading(file)
    opened = _named(file, actual, system.io_open, actual, mode, buffering, encoding, errors, newline, closefd, opener)
    return opened if actual is file else _with_name(opened, file)


def _flags(mode):
    """What open() gives to an opener."""
    flags = {"r": 0, "w": os.O_CREAT | os.O_TRUNC, "x": os.O_CREAT | os.O_EXCL, "a": os.O_CREAT | os.O_APPEND}
    kind = next((letter for letter in mode if letter in flags), "r")
    return flags[kind] | (os.O_RDWR if "+" in mode else os.O_RDONLY if kind == "r" else os.O_WRONLY) | os.O_CLOEXEC


def _with_name(opened, name):
    raw = getattr(getattr(opened, "buffer", opened), "raw", opened)
    try:
        raw.name = name
    except (AttributeError, TypeError):
        pass  # only shown
    return opened


def _os_open(path, flags, mode=0o777, *, dir_fd=None):
    follow = not flags & getattr(os, "O_NOFOLLOW", 0)
    if not isinstance(path, int) and flags & _WRITE_FLAGS:
        if _TEMPORARY_FILE and flags & _TEMPORARY_FILE == _TEMPORARY_FILE:
            key = view.key(path, dir_fd)
            actual, dir_fd = (path, dir_fd) if key is None else (view.copied(key), None)
        else:
            exclusive = flags & os.O_CREAT and flags & os.O_EXCL
            actual, dir_fd = view.for_writing(path, dir_fd, not flags & os.O_TRUNC, flags & os.O_CREAT, exclusive,
                                               follow and not exclusive)
    else:
        actual, dir_fd = view.for_reading(path, dir_fd, follow)
    return _named(path, actual, system.open, actual, flags, mode, dir_fd=dir_fd)


def _reads(name, follows=True):
    """One that looks at a path; follow_symlinks is among its keywords where it is known to it."""
    original = getattr(system, name)

    def function(path, *arguments, **keywords):
        given = keywords.pop("dir_fd", None)
        actual, dir_fd = view.for_reading(path, given, follows and keywords.get("follow_symlinks", True))
        if dir_fd is not None:
            keywords["dir_fd"] = dir_fd
        return _named(path, actual, original, actual, *arguments, **keywords)

    return function


def _changes(name, follows=True):
    """One that changes what is there: the file is copied first."""
    original = getattr(system, name)

    def function(path, *arguments, **keywords):
        given = keywords.pop("dir_fd", None)
        actual, dir_fd = path, given
        key = view.key(path, given, follows and keywords.get("follow_symlinks", True))
        if key is not None:
            if view.seen(key) is None:
                raise os_error(errno.ENOENT, path)
            actual, dir_fd = view.copied(key), None
        if dir_fd is not None:
            keywords["dir_fd"] = dir_fd
        return _named(path, actual, original, actual, *arguments, **keywords)

    return function


def _makes(name):
    """One that makes something new under a path."""
    original = getattr(system, name)

    def function(path, *arguments, **keywords):
        shadow = view.new(path, keywords.get("dir_fd"))
        if shadow is None:
            return original(path, *arguments, **keywords)
        keywords.pop("dir_fd", None)
        return _named(path, shadow, original, shadow, *arguments, **keywords)

    return function


def _symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    shadow = view.new(dst, dir_fd)
    if shadow is None:
        return system.symlink(src, dst, target_is_directory, dir_fd=dir_fd)
    return system.symlink(src, shadow, target_is_directory)


def _link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True):
    source = view.key(src, src_dir_fd, False)
    shadow = view.new(dst, dst_dir_fd)
    if source is None and shadow is None:
        return system.link(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd, follow_symlinks=follow_symlinks)
    actual, src_dir_fd = view.for_reading(src, src_dir_fd, False)
    if src_dir_fd is not None:
        actual = os.path.join(system.readlink("/proc/self/fd/%d" % src_dir_fd), os.fsdecode(actual))
    return copy_one(actual, dst if shadow is None else shadow)  # a second name of a user's file would lead to it


def _remove(path, *, dir_fd=None):
    key = view.key(path, dir_fd, False)
    if key is None:
        return system.remove(path, dir_fd=dir_fd)
    seen = view.seen(key)
    if seen is None or is_folder(seen):
        raise os_error(errno.ENOENT if seen is None else errno.EISDIR, path)
    _check_parent(key, path)
    return view.forget(key)


def _rmdir(path, *, dir_fd=None):
    key = view.key(path, dir_fd, False)
    if key is None:
        return system.rmdir(path, dir_fd=dir_fd)
    seen = view.seen(key)
    if seen is None or not is_folder(seen):
        raise os_error(errno.ENOENT if seen is None else errno.ENOTDIR, path)
    if view.names(key):
        raise os_error(errno.ENOTEMPTY, path)
    _check_parent(key, path)
    return view.forget(key)


def _check_parent(key, path):
    parent = key.rpartition("/")[0] or "/"
    if view.has_original(parent) and not system.access(parent, os.W_OK):
        raise os_error(errno.EACCES, path)


def _rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    source, target = view.key(src, src_dir_fd, False), view.key(dst, dst_dir_fd, False)
    if source is None and target is None:
        return _rename_exempt(src, dst, src_dir_fd, dst_dir_fd)
    source_path = _plain(src, src_dir_fd) if source is None else view.seen(source)
    if source_path is None or not exists(source_path):
        raise os_error(errno.ENOENT, src, dst)
    if target is not None and target == source:
        return None
    target_path = _plain(dst, dst_dir_fd) if target is None else view.seen(target)
    if target_path is not None and exists(target_path):
        if is_folder(source_path) != is_folder(target_path):
            raise os_error(errno.EISDIR if is_folder(target_path) else errno.ENOTDIR, src, dst)
        if is_folder(target_path) and (system.listdir(target_path) if target is None else view.names(target)):
            raise os_error(errno.ENOTEMPTY, src, dst)
    if target is not None:
        _check_parent(target, dst)
        view.make_parents(target, dst)
        if target_path is not None and is_folder(target_path):
            view.forget(target)  # an empty one
        target_path = view.shadow(target)
    if source is None:
        move(source_path, target_path)
    elif not view.has_original(source):
        move(source_path, target_path)
    else:
        _check_parent(source, src)
        part = "%s.%d.part" % (target_path, os.getpid())
        view.copy_seen(source, part)
        system.rename(part, target_path)
        view.forget(source)
    view.links.clear()
    return None


def _plain(path, dir_fd):
    """An exempt path as one that needs no descriptor."""
    path = os.fsdecode(os.fspath(path))
    if path.startswith("/"):
        return path
    return os.path.join(system.getcwd() if dir_fd is None else system.readlink("/proc/self/fd/%d" % dir_fd), path)


def _rename_exempt(src, dst, src_dir_fd, dst_dir_fd):
    """Under an overlay made without root the system refuses to rename folders that were there before."""
    try:
        return system.rename(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
    except OSError as error:
        source, target = _plain(src, src_dir_fd), _plain(dst, dst_dir_fd)
        if (error.errno != errno.EXDEV or view.folder is None or not is_folder(source) or exists(target)
                or system.lstat(source).st_dev != system.lstat(os.path.dirname(target) or "/").st_dev):
            raise
        copy_all(source, target)
        return discard(source)


def _truncate(path, length):
    if isinstance(path, int):
        return system.truncate(path, length)
    actual, _ = view.for_writing(path, create=False)
    return _named(path, actual, system.truncate, actual, length)


def _listdir(path="."):
    path = "." if path is None else path
    key = _merged_folder(path)
    if key is None:
        return system.listdir(path)
    names = view.names(key)
    return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names


def _merged_folder(path):
    """The key of a folder whose entries are not those of one place."""
    if isinstance(path, int) or view.folder is None or not view.has_changes():
        return None
    key = view.key(path)
    if key is None:
        return None
    seen = view.seen(key)
    if seen is None or not is_folder(seen):
        raise os_error(errno.ENOENT if seen is None else errno.ENOTDIR, path)
    return key


class _Entry:
    """An entry of a folder, as os.scandir gives them."""

    def __init__(self, entry, folder):
        self._entry = entry
        self.name = os.fsencode(entry.name) if isinstance(folder, bytes) else entry.name
        self.path = os.path.join(folder, self.name)

    def __getattr__(self, name):
        return getattr(self._entry, name)  # inode, is_junction

    def is_symlink(self):
        return self._entry.is_symlink()

    def is_dir(self, *, follow_symlinks=True):
        if self._entry.is_symlink() and follow_symlinks:
            return os.path.isdir(self.path)
        return self._entry.is_dir(follow_symlinks=False)

    def is_file(self, *, follow_symlinks=True):
        if self._entry.is_symlink() and follow_symlinks:
            return os.path.isfile(self.path)
        return self._entry.is_file(follow_symlinks=False)

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path, follow_symlinks=follow_symlinks)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return "<DirEntry %r>" % (self.name,)


class _Entries:
    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def _scandir(path="."):
    path = "." if path is None else path
    key = _merged_folder(path)
    if key is None:
        return system.scandir(path)
    folder = os.fspath(path)
    wanted, entries = set(view.names(key)), {}
    for place in (key, view.shadow(key)):
        if place == key and not view.has_original(key):
            continue
        try:
            with system.scandir(place) as found:
                for entry in found:
                    if entry.name in wanted:
                        entries[entry.name] = _Entry(entry, folder)
        except FileNotFoundError:
            pass
    return _Entries(entries.values())


def _getcwd():
    return view.outside(system.getcwd())


def _getcwdb():
    return os.fsencode(_getcwd())


# ---- what passed by all of these


def _refuse(path, what):
    if isinstance(path, (str, bytes, os.PathLike)):
        key = view.key(path, follow=False)
        if key is not None:
            seen = view.seen(key)
            if seen is None or is_folder(seen) or is_link(seen) or stat.S_ISREG(system.lstat(seen).st_mode):
                raise PermissionError(errno.EACCES, "lrprobe could not redirect what would %s a file of yours during "
                                      "a sweep" % what, path)


def _is_write(mode, flags):
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & _WRITE_FLAGS)


def _audit(event, arguments):
    if view.folder is None:
        return
    if event == "open":
        if _is_write(arguments[1], arguments[2]):
            _refuse(arguments[0], "change")
    elif event in ("os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.mkdir"):
        _refuse(arguments[0], "change")
    elif event == "os.rename":
        _refuse(arguments[0], "rename")
        _refuse(arguments[1], "replace")
    elif event in ("os.link", "os.symlink"):
        _refuse(arguments[1], "make")


def _replacements():
    found = {"open": _os_open, "symlink": _symlink, "link": _link, "remove": _remove, "unlink": _remove,
             "rmdir": _rmdir, "rename": _rename, "replace": _rename, "truncate": _truncate, "listdir": _listdir,
             "scandir": _scandir, "getcwd": _getcwd, "getcwdb": _getcwdb}
    for name in ("stat", "access", "chdir", "getxattr", "listxattr", "statvfs"):
        found[name] = _reads(name)
    for name in ("lstat", "readlink"):
        found[name] = _reads(name, follows=False)
    for name in ("chmod", "chown", "utime", "setxattr", "removexattr"):
        found[name] = _changes(name)
    found["lchown"] = _changes("lchown", follows=False)
    for name in ("mkdir", "mkfifo", "mknod"):
        found[name] = _makes(name)
    return found


def install():
    """Redirects from here on, as the environment says; does nothing where it says nothing."""
    folder = os.environ.get("LRPROBE_FILES")
    if not folder:
        return
    use(folder)
    supported = (os.supports_follow_symlinks, os.supports_effective_ids, os.supports_fd)
    for name, function in _replacements().items():
        original = getattr(system, name)
        if original is None:
            continue
        function.__name__ = function.__qualname__ = name
        function.__doc__ = original.__doc__
        setattr(os, name, function)
        for functions in supported:  # not dir_fd: by paths everything comes through here
            if original in functions:
                functions.add(function)
    builtins.open = io.open = _open
    for name, patch in MODULES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    sys.meta_path.insert(0, Finder(MODULES))
    sys.addaudithook(_audit)
