"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket only, as an unprivileged user."""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


def find_programs():
    """The folder of initdb and postgres (the newest version), or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    initdb = found[-1] if found else shutil.which("initdb")
    return os.path.dirname(os.path.realpath(initdb)) if initdb else None


def unprivileged_user():
    """Who runs the server: nobody else than we, unless we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Server:
    def __init__(self, programs):
        self.programs = programs
        self.user = unprivileged_user()
        self.folder = tempfile.mkdtemp(prefix="kmill-pg-", dir="/tmp")  # short: a socket's path has 107 bytes at most
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        initdb = self._start("initdb", "-D", self.data, "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync", "--locale=C",
                             stdout=subprocess.DEVNULL)
        if initdb.wait() != 0:
            raise RuntimeError(f"initdb in {self.data} ended with {initdb.returncode}")
        self.start()

    def _become(self):
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)

    def _start(self, program, *arguments, **options):
        return subprocess.Popen([os.path.join(self.programs, program), *arguments], cwd=self.folder, preexec_fn=self._become,
                                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, **options)

    def start(self):
        """Our own child, not pg_ctl's: so that a killed one is reaped here, whatever the machine's init does."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off", "max_connections=20"]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.postmaster = self._start("postgres", "-D", self.data, *[x for s in settings for x in ("-c", s)], stderr=log, stdout=log)
        deadline = time.monotonic() + 60
        while self._start("pg_isready", "-q", "-h", self.folder).wait() != 0:
            if self.postmaster.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
                    raise RuntimeError("PostgreSQL does not start: " + log.read()[-2000:])
            time.sleep(0.05)

    def kill(self):
        """SIGKILL to every process of the server, as a power failure would end it."""
        pid = self.postmaster.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
        self.postmaster.kill()
        self.postmaster.wait()
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it ended by itself in between
        while any(running(child) for child in children):
            time.sleep(0.01)

    def stop(self):
        self.postmaster.send_signal(signal.SIGQUIT)  # immediate shutdown
        self.postmaster.wait()
        shutil.rmtree(self.folder)

    def dsn(self, database):
        return f"postgresql://tester@/{database}?host={self.folder}"

    def sql(self, database, statements, data=None):
        """Runs statements; with data they are one COPY ... FROM STDIN. Returns what they print."""
        command = [os.path.join(self.programs, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.dsn(database)]
        if data is not None:
            command += ["-c", statements]
        done = subprocess.run(command, input=statements if data is None else data, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{statements[:200]}: {done.stderr}")
        return done.stdout
