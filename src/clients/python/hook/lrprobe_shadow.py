# SPDX-License-Identifier: MIT
"""Where a path leads for a swept trainer: the user's files with what this run has changed over them.

lrprobe sets LRPROBE_FILES to a folder of this run alone. What would be written, changed or deleted elsewhere happens in
a shadow tree there:

    LRPROBE_FILES/tree/ABSOLUTE/PATH   the file as this run has written it; it is what the run sees from then on
    LRPROBE_FILES/gone/ABSOLUTE/PATH/  a mark in it: the run has deleted that file

A file that is changed and not written anew is copied first. Reading sees the shadow first, then the user's file.
Not redirected: devices, pipes, /proc, /sys, /run, the caches of known libraries (Hugging Face's, PyTorch's, Triton's,
...; not all of ~/.cache, where a script may keep checkpoints of its own), what the temporary folders did not hold when
the run began, and the paths in LRPROBE_FILES_EXEMPT, one a line: lrprobe's own output folder, and what an overlay
protects already.

Loaded before Python's functions are replaced (lrprobe_files): it works with the real ones.
"""
import errno
import io
import json
import os
import stat
import sys
import tempfile

_MARK = "\x7flrprobe-gone"
_MAX_LINKS = 40
# Caches in temporary folders that other programs share by their names.
_SHARED_PREFIXES = ("torchinductor_", "torch_extensions", "pymp-", "ray", ".", "systemd-", "tmux-", "ssh-")
_CACHE_VARIABLES = ("HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "HUGGINGFACE_HUB_CACHE",
                    "TRANSFORMERS_CACHE", "TORCH_HOME", "TORCH_EXTENSIONS_DIR", "TORCHINDUCTOR_CACHE_DIR",
                    "TRITON_CACHE_DIR", "CUDA_CACHE_PATH", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "PYTHONPYCACHEPREFIX")
_HOME_CACHES = (".triton", ".nv", ".config/matplotlib", ".keras/datasets")
# In XDG_CACHE_HOME, or ~/.cache: what each run would download or compile again.
_LIBRARY_CACHES = ("clip", "conda", "datasets", "fontconfig", "gdown", "huggingface", "jax", "kagglehub", "matplotlib",
                   "mesa_shader_cache", "modelscope", "numba", "pip", "tensorflow_datasets", "torch",
                   "torch_extensions", "torchtext", "triton", "uv", "vllm", "whisper")


class _Originals:
    """The functions as they are, under their own names."""


NAMES = ("open", "mkdir", "rename", "replace", "remove", "unlink", "rmdir", "link", "symlink", "truncate", "stat",
          "lstat", "access", "listdir", "scandir", "readlink", "chmod", "chown", "lchown", "utime", "mkfifo", "mknod",
          "chdir", "getcwd", "getcwdb", "setxattr", "getxattr", "listxattr", "removexattr", "statvfs")
system = _Originals()
for _name in NAMES:
    setattr(system, _name, getattr(os, _name, None))
system.io_open = io.open


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
        shared = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        caches += [os.path.join(shared, name) for name in _LIBRARY_CACHES]
        always = ["/dev", "/proc", "/sys", "/run", folder] + list(exempt) + caches
        self.exempt_roots = tuple(os.path.realpath(path).rstrip("/") + "/" for path in always if path)
        protected = [system.getcwd()]
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
            with system.io_open(path) as file:
                return {tuple(pair) for pair in json.load(file)}
        except (OSError, ValueError):
            pass
        names = []
        for root in sorted(temporary):
            try:
                names += [(root, name) for name in system.listdir(root) if not name.startswith(_SHARED_PREFIXES)]
            except OSError:
                pass
        with system.io_open(path + ".%d" % os.getpid(), "w") as file:
            json.dump(names, file)
        system.replace(file.name, path)
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
            base = self.outside(system.getcwd() if dir_fd is None else system.readlink("/proc/self/fd/%d" % dir_fd))
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
                return None if seen is None else system.readlink(seen)
            return system.readlink(key)
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
            self.dirty = exists(self.tree) or exists(self.gone)
        return self.dirty

    def shadow(self, key):
        return self.tree + key

    def is_hidden(self, key):
        """Whether the user's file of that name was deleted by this run, or its folder was."""
        if not exists(self.gone):
            return False
        while key not in ("", "/"):
            if exists("%s%s/%s" % (self.gone, key, _MARK)):
                return True
            key = key.rpartition("/")[0]
        return False

    def seen(self, key):
        """Where the file is that this run sees under that name, None where it sees none."""
        shadow = self.shadow(key)
        if exists(shadow):
            return shadow
        return key if exists(key) and not self.is_hidden(key) else None

    def has_original(self, key):
        return exists(key) and not self.is_hidden(key)

    def names(self, key):
        """The entries of a folder."""
        names = {}
        for folder in (self.shadow(key), key):
            if folder == key and self.is_hidden(key):
                continue
            try:
                for name in system.listdir(folder):
                    names[name] = None
            except FileNotFoundError:
                pass
        if exists(self.gone):
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
            raise os_error(errno.EEXIST, path)
        if not create and seen is None:
            raise os_error(errno.ENOENT, path)
        if seen is not None and not stat.S_ISREG(system.lstat(seen).st_mode) and (follow or not is_link(seen)):
            return seen, None  # a folder, which the system refuses, a device or a pipe
        self.check_permission(key, path)
        if keep:
            return self.copied(key), None
        self.make_parents(key, path)
        return self.shadow(key), None

    def check_permission(self, key, path):
        if self.has_original(key) and not is_link(key) and not is_folder(key):
            allowed = exists(self.shadow(key)) or system.access(key, os.W_OK)
        else:
            parent = key.rpartition("/")[0] or "/"
            allowed = not self.has_original(parent) or system.access(parent, os.W_OK)
        if not allowed:
            raise os_error(errno.EACCES, path)

    def make_parents(self, key, path):
        parent = key.rpartition("/")[0]
        if parent and not is_folder(self.seen(parent) or ""):
            raise os_error(errno.ENOENT if self.seen(parent) is None else errno.ENOTDIR, path)
        self.make_folders(self.shadow(parent))

    def make_folders(self, path):
        self.dirty = True
        if not exists(path):
            self.make_folders(path.rpartition("/")[0])
            try:
                system.mkdir(path)
            except FileExistsError:
                pass  # another process of the run was faster

    def copied(self, key):
        """The shadow of a file, with what the user's holds where there was none."""
        shadow = self.shadow(key)
        if not exists(shadow):
            self.make_parents(key, key)
            if self.has_original(key):
                copy_one(key, shadow)
        return shadow

    def copy_seen(self, key, target):
        """A file or a folder as this run sees it, to another place."""
        seen = self.seen(key)
        if is_folder(seen):
            system.mkdir(target)
            for name in self.names(key):
                self.copy_seen(key + "/" + name, target + "/" + name)
        else:
            copy_one(seen, target)

    def forget(self, key):
        """What this run sees under that name is gone."""
        self.links.clear()
        discard(self.shadow(key))
        if self.has_original(key):
            self.make_folders(self.gone + key)
            system.io_open("%s%s/%s" % (self.gone, key, _MARK), "w").close()
        self.dirty = True

    def new(self, path, dir_fd):
        """The shadow path of something that is not there yet; None where nothing is redirected."""
        key = self.key(path, dir_fd, follow=False)
        if key is None:
            return None
        self.for_writing(path, dir_fd, keep=False, exclusive=True, follow=False)
        self.links.clear()
        return self.shadow(key)


def exists(path):
    try:
        system.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _mode_is(path, test, look):
    try:
        return test(look(path).st_mode)
    except (OSError, ValueError):
        return False


def is_folder(path):
    return _mode_is(path, stat.S_ISDIR, system.lstat)


def is_link(path):
    return _mode_is(path, stat.S_ISLNK, system.lstat)


def os_error(number, path, second=None):
    path = path if isinstance(path, (str, bytes)) else os.fspath(path)
    return OSError(number, os.strerror(number), path) if second is None else OSError(number, os.strerror(number), path,
                                                                                     None, second)


def copy_one(source, target):
    """One file, link or folder (without what is in it), with its times and mode."""
    status = system.lstat(source)
    if stat.S_ISLNK(status.st_mode):
        system.symlink(system.readlink(source), target)
        return
    if stat.S_ISDIR(status.st_mode):
        system.mkdir(target)
        return
    part = "%s.%d.part" % (target, os.getpid())
    with system.io_open(source, "rb") as old, system.io_open(part, "wb") as new:
        while True:
            block = old.read(1 << 20)
            if not block:
                break
            new.write(block)
    system.chmod(part, stat.S_IMODE(status.st_mode) | stat.S_IWUSR)
    system.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    system.rename(part, target)


def discard(path):
    """Removes what is in the private folder, or exempt, for good."""
    if is_folder(path):
        for name in system.listdir(path):
            discard(path + "/" + name)
        system.rmdir(path)
    elif exists(path):
        system.remove(path)


def copy_all(source, target):
    copy_one(source, target)
    if is_folder(source):
        for name in system.listdir(source):
            copy_all(source + "/" + name, target + "/" + name)


def move(source, target):
    """Between two places that are really there, on two file systems, too."""
    try:
        system.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy_all(source, target)
        discard(source)


view = _View()


def use(folder, inherit=False):
    """Another private folder, for a copy of this process; inherit: with what this one has written so far."""
    before = view.folder if inherit else None
    view.use(folder, os.environ.get("LRPROBE_FILES_EXEMPT", "").split("\n"))
    for name in ("tree", "gone"):
        if before is not None and exists(before + "/" + name) and not exists(view.folder + "/" + name):
            copy_all(before + "/" + name, view.folder + "/" + name)
