"""Ways out of Python itself, all known from broken in-process sandboxes: each must end in an exception.

Nothing here is stopped by Python: the walk to os and to the real built-ins succeeds, as the first check says. What
stops it is that the process may do nothing with them. test_sandbox.c executes this without the guard.
"""


def real_os():
    """The os module's globals, by the classic walk over all classes."""
    classes = ().__class__.__base__.__subclasses__()
    return [c for c in classes if c.__name__ == '_wrap_close'][0].__init__.__globals__


def frame_builtins():
    """The interpreter's own built-ins, through the frame that raised."""
    try:
        raise ValueError
    except ValueError as error:
        frame = error.__traceback__.tb_frame
    while frame.f_back:
        frame = frame.f_back
    found = frame.f_builtins
    return found if isinstance(found, dict) else found.__dict__


def walks_work():
    return 'system' in real_os() and 'open' in frame_builtins()


def read_by_loader(path):
    return real_os()['sys'].modules['importlib._bootstrap_external'].FileLoader('x', path).get_data(path)


def native_code():
    import ctypes
    return ctypes.CDLL(None)


def another_thread():
    import _thread
    return _thread.start_new_thread(print, ())


def another_interpreter():
    import _interpreters
    return _interpreters.create()


ESCAPES = {
    'open to read': lambda: frame_builtins()['open'](canary).read(),
    'open to write': lambda: frame_builtins()['open'](canary, 'w'),
    'open another descriptor': lambda: frame_builtins()['open'](0).read(1),
    'os.open': lambda: real_os()['open'](canary, 0),
    'os.listdir': lambda: real_os()['listdir']('/'),
    'os.scandir': lambda: list(real_os()['scandir']('/')),
    'os.stat': lambda: real_os()['stat'](canary),
    'os.unlink': lambda: real_os()['unlink'](canary),
    'os.rename': lambda: real_os()['rename'](canary, canary + '.new'),
    'os.chmod': lambda: real_os()['chmod'](canary, 0o777),
    'os.mkdir': lambda: real_os()['mkdir'](canary + '.new'),
    'os.symlink': lambda: real_os()['symlink'](canary, canary + '.new'),
    'os.popen': lambda: real_os()['popen']('id').read(),
    'os.fork': lambda: real_os()['fork'](),
    'os.forkpty': lambda: real_os()['forkpty'](),
    'os.execv': lambda: real_os()['execv']('/bin/sh', ['sh']),
    'os.posix_spawn': lambda: real_os()['posix_spawn']('/bin/sh', ['sh'], {}),
    'os.kill the parent': lambda: real_os()['kill'](parent, 9),
    'os.kill 0': lambda: real_os()['kill'](parent, 0),
    'os.pipe': lambda: real_os()['pipe'](),
    'os.dup': lambda: real_os()['dup'](answers),
    'os.memfd_create': lambda: real_os()['memfd_create']('x'),
    'os.write elsewhere': lambda: real_os()['write'](7, b'x'),
    'os.read': lambda: real_os()['read'](0, 1),
    'os.urandom': lambda: real_os()['urandom'](8),
    'os.setuid': lambda: real_os()['setuid'](0),
    'os.chroot': lambda: real_os()['chroot']('/'),
    'io.FileIO': lambda: real_os()['sys'].modules['io'].FileIO(canary, 'a'),
    'importlib loader': lambda: read_by_loader('/etc/passwd'),
    'import ctypes': native_code,
    'import socket': lambda: frame_builtins()['__import__']('_socket').socket(),
    'import mmap': lambda: frame_builtins()['__import__']('mmap').mmap(-1, 4096, prot=7),
    'import subprocess': lambda: frame_builtins()['__import__']('subprocess').check_output(['/bin/id']),
    'import from the stdlib folder': lambda: frame_builtins()['__import__']('json'),
    'a thread': another_thread,
    'an interpreter': another_interpreter,
}


def attempts():
    yield 'the walks work', 'RETURNED' if not walks_work() else 'yes'
    for name, escape in ESCAPES.items():
        try:
            result = f'RETURNED {escape()!r}'
        except BaseException as error:
            result = f'{error.__class__.__name__}'
        yield name, result
