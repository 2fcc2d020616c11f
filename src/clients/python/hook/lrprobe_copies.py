# SPDX-License-Identifier: MIT
"""Repeats without new starts of Python: the process that lrprobe has started becomes a template, and each run is a copy
of it (a fork), with the seed, the plan, the report and the private folder of that run.

The environment has LRPROBE_COPIES=FD:INODE, a socket of lrprobe's. `point` is called where a script is as far as copies
of it can differ as new processes would: before its first module, optimizer or probe is made, CUDA is started, a thread
or another process is started. So libraries are imported once, and mostly data read once, but each copy makes its own
weights. There the template waits for requests. One is a message of NAME=value entries, NUL between them, with three
descriptors: a socket of the run's, its standard output, its standard error. On the run's socket the template says
(1, process id) when the copy has begun, and (2, wait status) when it has ended; a number that it reads there is a
signal for the copy's process group, and the end of the socket ends the group.

A process that cannot be copied leaves at once; lrprobe then starts the command anew for each run.
"""
import array
import ctypes
import gc
import os
import select
import signal
import socket
import struct
import sys
import threading

_TALK = struct.Struct("=ii")
_BEGUN, _ENDED = 1, 2
_MAX_REQUEST = 1 << 18
_LOOK_MS = 50  # where the end of a child cannot be waited for by a descriptor
_RANKS = ("RANK", "LOCAL_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK")
_FOREIGN = ("tensorflow", "jax", "mxnet")  # they start threads that a fork loses

_socket = None
_wrapped = []  # (owner, name, function, original) until the point is reached


def install():
    """Takes the socket over, if there is one, and watches the places where a script is to be copied."""
    global _socket
    text = os.environ.pop("LRPROBE_COPIES", "")
    if not text:
        return
    try:
        number, inode = (int(part) for part in text.split(":"))
        if os.fstat(number).st_ino != inode:
            raise OSError("another file has that number")
    except (OSError, ValueError):
        os._exit(0)  # closed on the way, by subprocess for example
    os.set_inheritable(number, False)
    _socket = socket.socket(fileno=number)
    from lrprobe_libraries import Finder

    sys.meta_path.insert(0, Finder({"torch": _patch_torch}))


def _patch_torch(torch):
    _before(torch.nn.Module, "__init__")
    _before(torch.optim.Optimizer, "__init__")
    _before(torch.cuda, "_lazy_init")
    _before(threading.Thread, "start")
    import multiprocessing.process

    _before(multiprocessing.process.BaseProcess, "start")
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and hasattr(distributed, "init_process_group"):
        _before(distributed, "init_process_group")


def _before(owner, name):
    import functools

    original = getattr(owner, name)

    @functools.wraps(original)
    def function(*arguments, **keywords):
        point()
        return original(*arguments, **keywords)

    setattr(owner, name, function)
    _wrapped.append((owner, name, function, original))


def point():
    """The template stays here for good; a copy returns, once."""
    global _socket
    if _socket is None:
        return
    requests, _socket = _socket, None
    for owner, name, function, original in _wrapped:
        if getattr(owner, name) is function:
            setattr(owner, name, original)
    if not _can_be_copied():
        os._exit(0)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # closed: then there is nothing to be printed twice
            pass
    gc.freeze()  # what the copies share is not looked through, and so not copied, by each of their collections
    _Template(requests).serve()


def _can_be_copied():
    multiprocessing = sys.modules.get("multiprocessing.process")
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    return not (threading.active_count() > 1 or any(name in os.environ for name in _RANKS)
                or (multiprocessing is not None and multiprocessing.parent_process() is not None)
                or (cuda is not None and cuda.is_initialized())
                or any(name in sys.modules for name in _FOREIGN))


class _Copy:
    """A run under way, as the template sees it."""

    def __init__(self, pid, talk):
        self.pid = pid
        self.talk = talk
        self.ending = -1  # becomes readable at its end
        if hasattr(os, "pidfd_open"):
            try:
                self.ending = os.pidfd_open(pid)
            except OSError:
                pass


class _Template:
    def __init__(self, requests):
        self.requests = requests
        self.copies = []
        self.threads = not _pause_openmp()

    def serve(self):
        """Returns in a copy only."""
        while True:
            ready = self.wait()
            for copy in list(self.copies):
                if copy.talk.fileno() in ready:
                    self.obey(copy)
                self.look_after(copy)
            if self.requests.fileno() in ready and self.begin():
                return

    def wait(self):
        poll = select.poll()
        poll.register(self.requests, select.POLLIN)
        blind = False
        for copy in self.copies:
            if copy.talk is not None:
                poll.register(copy.talk, select.POLLIN)
            if copy.ending >= 0:
                poll.register(copy.ending, select.POLLIN)
            blind = blind or copy.ending < 0
        return {number for number, _ in poll.poll(_LOOK_MS if blind else None)}

    def obey(self, copy):
        try:
            message = copy.talk.recv(_TALK.size)
        except OSError:
            message = b""
        number = _TALK.unpack(message)[1] if len(message) == _TALK.size else signal.SIGKILL
        self.signal(copy, number)

    @staticmethod
    def signal(copy, number):
        try:
            os.killpg(copy.pid, number)  # it is not reaped yet
        except OSError:
            pass

    def look_after(self, copy):
        pid, status = os.waitpid(copy.pid, os.WNOHANG)
        if pid == 0:
            return
        try:
            os.killpg(copy.pid, signal.SIGKILL)  # what it has left in its group
        except OSError:
            pass
        self.copies.remove(copy)
        try:
            copy.talk.send(_TALK.pack(_ENDED, status))
        except OSError:
            pass
        copy.talk.close()
        if copy.ending >= 0:
            os.close(copy.ending)

    def begin(self):
        """Takes a request; true in the copy that it makes."""
        descriptors = array.array("i")
        data, ancillary, _, _ = self.requests.recvmsg(_MAX_REQUEST, socket.CMSG_SPACE(3 * descriptors.itemsize))
        if not data:  # lrprobe is gone
            for copy in self.copies:
                self.signal(copy, signal.SIGKILL)
            os._exit(0)
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(content[:len(content) - len(content) % descriptors.itemsize])
        if len(descriptors) != 3:
            for number in descriptors:
                os.close(number)
            return False
        pid = os.fork()
        if pid == 0:
            self.become_run(data, descriptors)
            return True
        for number in descriptors[1:]:
            os.close(number)
        try:
            os.setpgid(pid, pid)  # in both: whichever comes first
        except OSError:
            pass
        copy = _Copy(pid, socket.socket(fileno=descriptors[0]))
        self.copies.append(copy)
        try:
            copy.talk.send(_TALK.pack(_BEGUN, pid))
        except OSError:
            pass  # it is seen at the next look
        return False

    def become_run(self, data, descriptors):
        try:
            os.setpgid(0, 0)
        except OSError:
            pass
        self.requests.close()
        for copy in self.copies:
            copy.talk.close()
            if copy.ending >= 0:
                os.close(copy.ending)
        os.dup2(descriptors[1], 1)
        os.dup2(descriptors[2], 2)
        for number in descriptors:
            os.close(number)
        _take_environment(data)
        if self.threads and "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)  # the pool of threads is lost
        _seed()


def _take_environment(data):
    entries = [entry.partition(b"=") for entry in data.split(b"\0") if entry]
    for name, _, value in entries:
        os.environ[os.fsdecode(name)] = os.fsdecode(value)
    files = sys.modules.get("lrprobe_shadow")
    if files is not None and os.environ.get("LRPROBE_FILES"):
        # all copies see one overlay: what they write is kept apart by their own private folders
        os.environ["LRPROBE_FILES_EXEMPT"] = os.environ.get("LRPROBE_FILES_EXEMPT", "").split("\n")[0]
        files.use(os.environ["LRPROBE_FILES"], inherit=True)


def _seed():
    """Other weights and another order of the data than other copies have."""
    lrprobe = sys.modules.get("lrprobe")
    number = lrprobe.seed(0) if lrprobe is not None else int(os.environ.get("LRPROBE_SEED", "0")) % 2 ** 32
    functions = [(sys.modules.get("random"), "seed")]
    if "numpy" in sys.modules:
        functions.append((sys.modules["numpy"].random, "seed"))
    if "torch" in sys.modules:
        functions.append((sys.modules["torch"], "manual_seed"))
    for owner, name in functions:
        if owner is not None:
            function = getattr(owner, name)
            getattr(function, "__wrapped__", function)(number)  # the hook mixes the seeds of a script


def _pause_openmp():
    """Ends the threads of OpenMP, which a fork would lose; they come back with the next parallel work. False where
    that cannot be done."""
    paused = True
    try:
        with open("/proc/self/maps") as file:
            libraries = {line.split()[-1] for line in file if "/" in line}
    except OSError:
        return False
    for path in libraries:
        if not os.path.basename(path).startswith(("libgomp", "libiomp", "libomp")):
            continue
        try:
            paused = ctypes.CDLL(path).omp_pause_resource_all(2) == 0 and paused
        except (OSError, AttributeError):
            paused = False
    return paused
