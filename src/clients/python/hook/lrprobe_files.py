# SPDX-License-Identifier: MIT
"""Keeps what a swept trainer writes away from the user's own files.

lrprobe sets LRPROBE_FILES to a folder of this run alone. What Python's own functions (open, os, pathlib, shutil,
sqlite3, torch.save, h5py, safetensors) would write, change or delete elsewhere happens in a shadow tree there:

    LRPROBE_FILES/tree/ABSOLUTE/PATH   the file as this run has written it; it is what the run sees from then on
    LRPROBE_FILES/gone/ABSOLUTE/PATH/  a mark in it: the run has deleted that file

A file that is changed and not written anew is copied first. Reading sees the shadow first, then the user's file.
Not redirected: devices, pipes, /proc, /sys, /run, caches (~/.cache, Hugging Face's, PyTorch's, Triton's), what the
temporary folders did not hold when the run began, and the paths in LRPROBE_FILES_EXEMPT, one a line: lrprobe's own
output folder, and what an overlay protects already.

What cannot be redirected is refused: an audit hook raises PermissionError where Python opens, renames or deletes a
file of the user's in another way. Other programs that the script starts, and libraries that open files in C, are not
seen here at all.
"""
import builtins
import errno
import io
import json
import os
import stat
import sys
import tempfile

_MARK = "\x7flrprobe-gone"
_MAX_LINKS = 40
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TEMPORARY_FILE = getattr(os, "O_TMPFILE", 0)
# Caches in temporary folders that other programs share by their names.
_SHARED_PREFIXES = ("torchinductor_", "torch_extensions", "pymp-", "ray", ".", "systemd-", "tmux-", "ssh-")
_CACHE_VARIABLES = ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "HUGGINGFACE_HUB_CACHE",
                    "TRANSFORMERS_CACHE", "TORCH_HOME", "TORCH_EXTENSIONS_DIR", "TORCHINDUCTOR_CACHE_DIR",
                    "TRITON_CACHE_DIR", "CUDA_CACHE_PATH", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "PYTHONPYCACHEPREFIX")
_HOME_CACHES = (".cache", ".triton", ".nv", ".config/matplotlib")


class _Originals:
    """The functions as they are, under their own names."""


_NAMES = ("open", "mkdir", "rename", "replace", "remove", "unlink", "rmdir", "link", "symlink", "truncate", "stat",
          "lstat", "access", "listdir", "scandir", "readlink", "chmod", "chown", "lchown", "utime", "mkfifo", "mknod",
          "chdir", "getcwd", "getcwdb", "setxattr", "getxattr", "listxattr", "removexattr", "statvfs")
_os = _Originals()
for _name in _NAMES:
    setattr(_os, _name, getattr(os, _name, None))
_os.io_open = io.open


class _View:
    """The user's files with this run's changes over them. Keys are absolute paths without links in their folders."""

    def __init__(self):
        self.folder = None  # None: nothing is redirected
        self.links = {}
        self.dirty = False

    def use(self, folder, exempt):
        """From here on the private folder is this one; exempt: paths that need no protection here."""
        self.folder = self.tree = self.gone = None
        self.links = {}
        self.dirty = False
        folder = os.path.realpath(folder)
        os.makedirs(folder, exist_ok=True)
        caches = [os.environ[name] for name in _CACHE_VARIABLES if os.environ.get(name)]
        caches += [os.path.join(os.path.expanduser("~"), name) for name in _HOME_CACHES]
        always = ["/dev", "/proc", "/sys", "/run", folder] + list(exempt) + caches
        self.exempt_roots = tuple(os.path.realpath(path).rstrip("/") + "/" for path in always if path)
        protected = [_os.getcwd()]
        if sys.argv and sys.argv[0] and os.path.exists(sys.argv[0]):
            protected.append(os.path.dirname(os.path.abspath(sys.argv[0])))
        temporary = {os.path.realpath(path) for path in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")}
        self.protected_roots = tuple(os.path.realpath(path).rstrip("/") + "/" for path in protected
                                     if os.path.realpath(path) not in temporary and path != "/")
        self.temporary_roots = tuple(path.rstrip("/") + "/" for path in temporary)
        self.old_names = self.names_at_start(folder, temporary)
        self.folder, self.tree, self.gone = folder, folder + "/tree", folder + "/gone"

    @staticmethod
    def names_at_start(folder, temporary):
        """What lay in the temporary folders when the first process of this run began: that is the user's."""
        path = os.path.join(folder, "temporary.json")
        try:
            with _os.io_open(path) as file:
                return {tuple(pair) for pair in json.load(file)}
        except (OSError, ValueError):
            pass
        names = []
        for root in sorted(temporary):
            try:
                names += [(root, name) for name in _os.listdir(root) if not name.startswith(_SHARED_PREFIXES)]
            except OSError:
                pass
        with _os.io_open(path + ".%d" % os.getpid(), "w") as file:
            json.dump(names, file)
        _os.replace(file.name, path)
        return set(names)

    # ---- names

    def key(self, path, dir_fd=None, follow=True):
        """The key of a path, None where it is a descriptor or needs no protection."""
        if self.folder is None or isinstance(path, int):
            return None
        path = os.fsdecode(os.fspath(path))
        if not path:
            return None
        if not path.startswith("/"):
            base = self.outside(_os.getcwd() if dir_fd is None else _os.readlink("/proc/self/fd/%d" % dir_fd))
            path = base + "/" + path
        folder, _, name = path.rpartition("/")
        if name in ("", ".", "..") or follow:
            key = self.resolved(path, follow)
        else:
            real = self.links.get(folder)
            if real is None:
                real = self.resolved(folder, True)
                if len(self.links) > 10000:
                    self.links.clear()
                self.links[folder] = real
            key = real.rstrip("/") + "/" + name
        return None if self.is_exempt(key) else key

    def outside(self, path):
        """The user's name of a path in the shadow tree."""
        return path[len(self.tree):] if self.tree and path.startswith(self.tree + "/") else path

    def resolved(self, path, follow):
        todo = path.split("/")[::-1]
        current, links = "", 0
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                current = current.rpartition("/")[0]
                continue
            candidate = current + "/" + part
            target = self.link_of(candidate) if follow or any(todo) else None
            if target is None:
                current = candidate
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            current = "" if target.startswith("/") else current
            todo.extend(target.split("/")[::-1])
        return current or "/"

    def link_of(self, key):
        try:
            if self.has_changes():
                seen = self.seen(key)
                return None if seen is None else _os.readlink(seen)
            return _os.readlink(key)
        except OSError:
            return None

    def is_exempt(self, key):
        inside = key + "/"
        if inside.startswith(self.exempt_roots):
            return True
        if self.protected_roots and inside.startswith(self.protected_roots):
            return False
        for root in self.temporary_roots:
            if inside.startswith(root):
                return (root[:-1], inside[len(root):].partition("/")[0]) not in self.old_names
        return False

    # ---- what there is

    def has_changes(self):
        if not self.dirty:  # another process of the run may have made the first
            self.dirty = _exists(self.tree) or _exists(self.gone)
        return self.dirty

    def shadow(self, key):
        return self.tree + key

    def is_hidden(self, key):
        """Whether the user's file of that name was deleted by this run, or its folder was."""
        if not _exists(self.gone):
            return False
        while key not in ("", "/"):
            if _exists("%s%s/%s" % (self.gone, key, _MARK)):
                return True
            key = key.rpartition("/")[0]
        return False

    def seen(self, key):
        """Where the file is that this run sees under that name, None where it sees none."""
        shadow = self.shadow(key)
        if _exists(shadow):
            return shadow
        return key if _exists(key) and not self.is_hidden(key) else None

    def has_original(self, key):
        return _exists(key) and not self.is_hidden(key)

    def names(self, key):
        """The entries of a folder."""
        names = {}
        for folder in (self.shadow(key), key):
            if folder == key and self.is_hidden(key):
                continue
            try:
                for name in _os.listdir(folder):
                    names[name] = None
            except FileNotFoundError:
                pass
        if _exists(self.gone):
            return [name for name in names if self.seen(key.rstrip("/") + "/" + name) is not None]
        return list(names)

    # ---- changes

    def for_reading(self, path, dir_fd=None, follow=True):
        """The path to read, and the descriptor of the folder that it is relative to."""
        if self.folder is None or isinstance(path, int) or not self.has_changes():
            return path, dir_fd
        key = self.key(path, dir_fd, follow)
        if key is None:
            return path, dir_fd
        return self.seen(key) or self.shadow(key), None

    def for_writing(self, path, dir_fd=None, keep=True, create=True, exclusive=False, follow=True):
        """The path to write; keep: what the file holds is needed."""
        key = self.key(path, dir_fd, follow)
        if key is None:
            return path, dir_fd
        seen = self.seen(key)
        if exclusive and seen is not None:
            raise _error(errno.EEXIST, path)
        if not create and seen is None:
            raise _error(errno.ENOENT, path)
        if seen is not None and not stat.S_ISREG(_os.lstat(seen).st_mode) and (follow or not _is_link(seen)):
            return seen, None  # a folder, which the system refuses, a device or a pipe
        self.check_permission(key, path)
        if keep:
            return self.copied(key), None
        self.make_parents(key, path)
        return self.shadow(key), None

    def check_permission(self, key, path):
        if self.has_original(key) and not _is_link(key) and not _is_folder(key):
            allowed = _exists(self.shadow(key)) or _os.access(key, os.W_OK)
        else:
            parent = key.rpartition("/")[0] or "/"
            allowed = not self.has_original(parent) or _os.access(parent, os.W_OK)
        if not allowed:
            raise _error(errno.EACCES, path)

    def make_parents(self, key, path):
        parent = key.rpartition("/")[0]
        if parent and not _is_folder(self.seen(parent) or ""):
            raise _error(errno.ENOENT if self.seen(parent) is None else errno.ENOTDIR, path)
        self.make_folders(self.shadow(parent))

    def make_folders(self, path):
        self.dirty = True
        if not _exists(path):
            self.make_folders(path.rpartition("/")[0])
            try:
                _os.mkdir(path)
            except FileExistsError:
                pass  # another process of the run was faster

    def copied(self, key):
        """The shadow of a file, with what the user's holds where there was none."""
        shadow = self.shadow(key)
        if not _exists(shadow):
            self.make_parents(key, key)
            if self.has_original(key):
                _copy(key, shadow)
        return shadow

    def copy_seen(self, key, target):
        """A file or a folder as this run sees it, to another place."""
        seen = self.seen(key)
        if _is_folder(seen):
            _os.mkdir(target)
            for name in self.names(key):
                self.copy_seen(key + "/" + name, target + "/" + name)
        else:
            _copy(seen, target)

    def forget(self, key):
        """What this run sees under that name is gone."""
        self.links.clear()
        _discard(self.shadow(key))
        if self.has_original(key):
            self.make_folders(self.gone + key)
            _os.io_open("%s%s/%s" % (self.gone, key, _MARK), "w").close()
        self.dirty = True

    def new(self, path, dir_fd):
        """The shadow path of something that is not there yet; None where nothing is redirected."""
        key = self.key(path, dir_fd, follow=False)
        if key is None:
            return None
        self.for_writing(path, dir_fd, keep=False, exclusive=True, follow=False)
        self.links.clear()
        return self.shadow(key)


def _exists(path):
    try:
        _os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _mode_is(path, test, look):
    try:
        return test(look(path).st_mode)
    except (OSError, ValueError):
        return False


def _is_folder(path):
    return _mode_is(path, stat.S_ISDIR, _os.lstat)


def _is_link(path):
    return _mode_is(path, stat.S_ISLNK, _os.lstat)


def _error(number, path, second=None):
    path = path if isinstance(path, (str, bytes)) else os.fspath(path)
    return OSError(number, os.strerror(number), path) if second is None else OSError(number, os.strerror(number), path,
                                                                                     None, second)


def _copy(source, target):
    """One file, link or folder (without what is in it), with its times and mode."""
    status = _os.lstat(source)
    if stat.S_ISLNK(status.st_mode):
        _os.symlink(_os.readlink(source), target)
        return
    if stat.S_ISDIR(status.st_mode):
        _os.mkdir(target)
        return
    part = "%s.%d.part" % (target, os.getpid())
    with _os.io_open(source, "rb") as old, _os.io_open(part, "wb") as new:
        while True:
            block = old.read(1 << 20)
            if not block:
                break
            new.write(block)
    _os.chmod(part, stat.S_IMODE(status.st_mode) | stat.S_IWUSR)
    _os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    _os.rename(part, target)


def _discard(path):
    """Removes what is in the private folder, or exempt, for good."""
    if _is_folder(path):
        for name in _os.listdir(path):
            _discard(path + "/" + name)
        _os.rmdir(path)
    elif _exists(path):
        _os.remove(path)


def _copy_all(source, target):
    _copy(source, target)
    if _is_folder(source):
        for name in _os.listdir(source):
            _copy_all(source + "/" + name, target + "/" + name)


def _move(source, target):
    """Between two places that are really there, on two file systems, too."""
    try:
        _os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_all(source, target)
        _discard(source)


_view = _View()


# ---- Python's functions


def _named(given, actual, function, *arguments, **keywords):
    """Errors name the path that the script has given."""
    try:
        return function(*arguments, **keywords)
    except OSError as error:
        if error.filename == actual and actual is not given:
            error.filename = given
        raise


def _open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if isinstance(file, int) or not isinstance(mode, str) or (opener is not None and _view.folder is None):
        return _os.io_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    if opener is not None:  # it calls os.open
        opened = _os.io_open(opener(file, _flags(mode)), mode, buffering, encoding, errors, newline)
        return _with_name(opened, file)
    if set(mode) & set("wax+"):
        actual, _ = _view.for_writing(file, keep="w" not in mode, create="r" not in mode, exclusive="x" in mode)
    else:
        actual, _ = _view.for_reading(file)
    opened = _named(file, actual, _os.io_open, actual, mode, buffering, encoding, errors, newline, closefd, opener)
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
            key = _view.key(path, dir_fd)
            actual, dir_fd = (path, dir_fd) if key is None else (_view.copied(key), None)
        else:
            exclusive = flags & os.O_CREAT and flags & os.O_EXCL
            actual, dir_fd = _view.for_writing(path, dir_fd, not flags & os.O_TRUNC, flags & os.O_CREAT, exclusive,
                                               follow and not exclusive)
    else:
        actual, dir_fd = _view.for_reading(path, dir_fd, follow)
    return _named(path, actual, _os.open, actual, flags, mode, dir_fd=dir_fd)


def _reads(name, follows=True):
    """One that looks at a path; follow_symlinks is among its keywords where it is known to it."""
    original = getattr(_os, name)

    def function(path, *arguments, **keywords):
        given = keywords.pop("dir_fd", None)
        actual, dir_fd = _view.for_reading(path, given, follows and keywords.get("follow_symlinks", True))
        if dir_fd is not None:
            keywords["dir_fd"] = dir_fd
        return _named(path, actual, original, actual, *arguments, **keywords)

    return function


def _changes(name, follows=True):
    """One that changes what is there: the file is copied first."""
    original = getattr(_os, name)

    def function(path, *arguments, **keywords):
        given = keywords.pop("dir_fd", None)
        actual, dir_fd = path, given
        key = _view.key(path, given, follows and keywords.get("follow_symlinks", True))
        if key is not None:
            if _view.seen(key) is None:
                raise _error(errno.ENOENT, path)
            actual, dir_fd = _view.copied(key), None
        if dir_fd is not None:
            keywords["dir_fd"] = dir_fd
        return _named(path, actual, original, actual, *arguments, **keywords)

    return function


def _makes(name):
    """One that makes something new under a path."""
    original = getattr(_os, name)

    def function(path, *arguments, **keywords):
        shadow = _view.new(path, keywords.get("dir_fd"))
        if shadow is None:
            return original(path, *arguments, **keywords)
        keywords.pop("dir_fd", None)
        return _named(path, shadow, original, shadow, *arguments, **keywords)

    return function


def _symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    shadow = _view.new(dst, dir_fd)
    if shadow is None:
        return _os.symlink(src, dst, target_is_directory, dir_fd=dir_fd)
    return _os.symlink(src, shadow, target_is_directory)


def _link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True):
    source = _view.key(src, src_dir_fd, False)
    shadow = _view.new(dst, dst_dir_fd)
    if source is None and shadow is None:
        return _os.link(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd, follow_symlinks=follow_symlinks)
    actual, src_dir_fd = _view.for_reading(src, src_dir_fd, False)
    if src_dir_fd is not None:
        actual = os.path.join(_os.readlink("/proc/self/fd/%d" % src_dir_fd), os.fsdecode(actual))
    return _copy(actual, dst if shadow is None else shadow)  # a second name of a user's file would lead to it


def _remove(path, *, dir_fd=None):
    key = _view.key(path, dir_fd, False)
    if key is None:
        return _os.remove(path, dir_fd=dir_fd)
    seen = _view.seen(key)
    if seen is None or _is_folder(seen):
        raise _error(errno.ENOENT if seen is None else errno.EISDIR, path)
    _check_parent(key, path)
    return _view.forget(key)


def _rmdir(path, *, dir_fd=None):
    key = _view.key(path, dir_fd, False)
    if key is None:
        return _os.rmdir(path, dir_fd=dir_fd)
    seen = _view.seen(key)
    if seen is None or not _is_folder(seen):
        raise _error(errno.ENOENT if seen is None else errno.ENOTDIR, path)
    if _view.names(key):
        raise _error(errno.ENOTEMPTY, path)
    _check_parent(key, path)
    return _view.forget(key)


def _check_parent(key, path):
    parent = key.rpartition("/")[0] or "/"
    if _view.has_original(parent) and not _os.access(parent, os.W_OK):
        raise _error(errno.EACCES, path)


def _rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    source, target = _view.key(src, src_dir_fd, False), _view.key(dst, dst_dir_fd, False)
    if source is None and target is None:
        return _rename_exempt(src, dst, src_dir_fd, dst_dir_fd)
    source_path = _plain(src, src_dir_fd) if source is None else _view.seen(source)
    if source_path is None or not _exists(source_path):
        raise _error(errno.ENOENT, src, dst)
    if target is not None and target == source:
        return None
    target_path = _plain(dst, dst_dir_fd) if target is None else _view.seen(target)
    if target_path is not None and _exists(target_path):
        if _is_folder(source_path) != _is_folder(target_path):
            raise _error(errno.EISDIR if _is_folder(target_path) else errno.ENOTDIR, src, dst)
        if _is_folder(target_path) and (_os.listdir(target_path) if target is None else _view.names(target)):
            raise _error(errno.ENOTEMPTY, src, dst)
    if target is not None:
        _check_parent(target, dst)
        _view.make_parents(target, dst)
        if target_path is not None and _is_folder(target_path):
            _view.forget(target)  # an empty one
        target_path = _view.shadow(target)
    if source is None:
        _move(source_path, target_path)
    elif not _view.has_original(source):
        _move(source_path, target_path)
    else:
        _check_parent(source, src)
        part = "%s.%d.part" % (target_path, os.getpid())
        _view.copy_seen(source, part)
        _os.rename(part, target_path)
        _view.forget(source)
    _view.links.clear()
    return None


def _plain(path, dir_fd):
    """An exempt path as one that needs no descriptor."""
    path = os.fsdecode(os.fspath(path))
    if path.startswith("/"):
        return path
    return os.path.join(_os.getcwd() if dir_fd is None else _os.readlink("/proc/self/fd/%d" % dir_fd), path)


def _rename_exempt(src, dst, src_dir_fd, dst_dir_fd):
    """Under an overlay made without root the system refuses to rename folders that were there before."""
    try:
        return _os.rename(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
    except OSError as error:
        source, target = _plain(src, src_dir_fd), _plain(dst, dst_dir_fd)
        if (error.errno != errno.EXDEV or _view.folder is None or not _is_folder(source) or _exists(target)
                or _os.lstat(source).st_dev != _os.lstat(os.path.dirname(target) or "/").st_dev):
            raise
        _copy_all(source, target)
        return _discard(source)


def _truncate(path, length):
    if isinstance(path, int):
        return _os.truncate(path, length)
    actual, _ = _view.for_writing(path, create=False)
    return _named(path, actual, _os.truncate, actual, length)


def _listdir(path="."):
    path = "." if path is None else path
    key = _merged_folder(path)
    if key is None:
        return _os.listdir(path)
    names = _view.names(key)
    return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names


def _merged_folder(path):
    """The key of a folder whose entries are not those of one place."""
    if isinstance(path, int) or _view.folder is None or not _view.has_changes():
        return None
    key = _view.key(path)
    if key is None:
        return None
    seen = _view.seen(key)
    if seen is None or not _is_folder(seen):
        raise _error(errno.ENOENT if seen is None else errno.ENOTDIR, path)
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
        return _os.scandir(path)
    folder = os.fspath(path)
    wanted, entries = set(_view.names(key)), {}
    for place in (key, _view.shadow(key)):
        if place == key and not _view.has_original(key):
            continue
        try:
            with _os.scandir(place) as found:
                for entry in found:
                    if entry.name in wanted:
                        entries[entry.name] = _Entry(entry, folder)
        except FileNotFoundError:
            pass
    return _Entries(entries.values())


def _getcwd():
    return _view.outside(_os.getcwd())


def _getcwdb():
    return os.fsencode(_getcwd())


# ---- libraries that open files in C


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
        key = _view.key(path + more)
        if key is not None and _view.seen(key) is not None:
            _view.copied(key)
    return os.fspath(_view.for_writing(path)[0])


def _patch_torch(torch):
    is_path = (str, os.PathLike)

    class PyTorchFileWriter(torch._C.PyTorchFileWriter):
        def __init__(self, name, *arguments, **keywords):
            name = os.fspath(_view.for_writing(name, keep=False)[0]) if isinstance(name, is_path) else name
            super().__init__(name, *arguments, **keywords)

    class PyTorchFileReader(torch._C.PyTorchFileReader):
        def __init__(self, name, *arguments, **keywords):
            name = os.fspath(_view.for_reading(name)[0]) if isinstance(name, is_path) else name
            super().__init__(name, *arguments, **keywords)

    torch._C.PyTorchFileWriter, torch._C.PyTorchFileReader = PyTorchFileWriter, PyTorchFileReader
    _wrap_path(torch, "load", _view_reading, torch.serialization)
    _wrap_path(torch.jit, "load", _view_reading, torch.jit._serialization)
    _wrap_path(torch.jit, "save", _view_writing, torch.jit._serialization, place=1)
    _wrap_path(torch.jit.ScriptModule, "save", _view_writing, place=1)
    _wrap_path(torch.jit.RecursiveScriptModule, "save", _view_writing, place=1)


def _view_reading(path):
    return os.fspath(_view.for_reading(path)[0])


def _view_writing(path):
    return os.fspath(_view.for_writing(path, keep=False)[0])


def _wrap_path(owner, name, view, second=None, place=0):
    """Gives the function another path, where it is given one as its argument of that place."""
    original = getattr(owner, name, None)
    if original is None:
        return

    def function(*arguments, **keywords):
        if len(arguments) > place and isinstance(arguments[place], (str, os.PathLike)):
            arguments = arguments[:place] + (view(arguments[place]),) + arguments[place + 1:]
        for key in ("f", "filename", "name"):
            if isinstance(keywords.get(key), (str, os.PathLike)):
                keywords[key] = view(keywords[key])
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
                name = _view.for_reading(name)[0]
            else:
                name = _view.for_writing(name, keep=mode != "w", exclusive=mode in ("x", "w-"))[0]
        original(self, name, mode, *arguments, **keywords)

    module.File.__init__ = __init__


def _patch_shutil(module):
    module._use_fd_functions = False  # it deletes by descriptors else


def _patch_pathlib(module):
    accessor = getattr(module, "_normal_accessor", None)  # up to Python 3.10 it holds the functions itself
    for name in _NAMES:
        if accessor is not None and hasattr(accessor, name):
            setattr(accessor, name, getattr(os, name))


_MODULES = {"sqlite3": _patch_sqlite3, "torch": _patch_torch, "safetensors": _patch_safetensors, "h5py": _patch_h5py,
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


# ---- what passed by all of these


def _refuse(path, what):
    if isinstance(path, (str, bytes, os.PathLike)):
        key = _view.key(path, follow=False)
        if key is not None:
            seen = _view.seen(key)
            if seen is None or _is_folder(seen) or _is_link(seen) or stat.S_ISREG(_os.lstat(seen).st_mode):
                raise PermissionError(errno.EACCES, "lrprobe could not redirect what would %s a file of yours during "
                                      "a sweep" % what, path)


def _is_write(mode, flags):
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & _WRITE_FLAGS)


def _audit(event, arguments):
    if _view.folder is None:
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
        original = getattr(_os, name)
        if original is None:
            continue
        function.__name__ = function.__qualname__ = name
        function.__doc__ = original.__doc__
        setattr(os, name, function)
        for functions in supported:  # not dir_fd: by paths everything comes through here
            if original in functions:
                functions.add(function)
    builtins.open = io.open = _open
    for name, patch in _MODULES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    sys.meta_path.insert(0, Finder(_MODULES))
    sys.addaudithook(_audit)


def use(folder, inherit=False):
    """Another private folder, for a copy of this process; inherit: with what this one has written so far."""
    before = _view.folder if inherit else None
    _view.use(folder, os.environ.get("LRPROBE_FILES_EXEMPT", "").split("\n"))
    for name in ("tree", "gone"):
        if before is not None and _exists(before + "/" + name) and not _exists(_view.folder + "/" + name):
            _copy_all(before + "/" + name, _view.folder + "/" + name)
