"""What a strategy that has taken over its process would ask of the kernel: every call must come back with EPERM.

test_sandbox.c executes this in the sandboxed process, without the guard, and hands in raw access to the kernel:
syscall(name, *arguments) -> result or -errno, None where this machine has no such call (arguments: int or bytes),
canary (path of a file that must stay as it is), parent (process id), port (a listening TCP port on loopback),
answers (the one descriptor that may be written).
"""

AT_FDCWD, O_RDONLY, O_RDWR, O_CREAT = -100, 0, 2, 0o100
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS = 1, 2, 0x20
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG = 1, 2, 10, 16, 17, 40, 38
SIGKILL, SIGTERM, SIGSTOP = 9, 15, 19
SELF = syscall('getpid')

path, root, shell = canary.encode() + b'\0', b'/\0', b'/bin/sh\0'
new_path = canary.encode() + b'.new\0'
address = bytes([AF_INET, 0, port >> 8, port & 255, 127, 0, 0, 1]) + bytes(8)
buffer = bytes(256)

FILES = [
    ('open', path, O_RDONLY), ('open', path, O_RDWR), ('openat', AT_FDCWD, path, O_RDONLY),
    ('openat', AT_FDCWD, new_path, O_RDWR | O_CREAT, 0o600), ('openat', AT_FDCWD, b'/proc/self/mem\0', O_RDWR),
    ('openat', AT_FDCWD, b'/etc/passwd\0', O_RDONLY), ('openat2', AT_FDCWD, path, bytes(24), 24), ('creat', new_path, 0o600),
    ('open_by_handle_at', AT_FDCWD, buffer, O_RDONLY), ('name_to_handle_at', AT_FDCWD, path, buffer, buffer, 0),
    ('truncate', path, 0), ('unlink', path), ('unlinkat', AT_FDCWD, path, 0), ('rename', path, new_path),
    ('renameat2', AT_FDCWD, path, AT_FDCWD, new_path, 0), ('link', path, new_path), ('linkat', AT_FDCWD, path, AT_FDCWD, new_path, 0),
    ('symlink', path, new_path), ('symlinkat', path, AT_FDCWD, new_path), ('mkdir', new_path, 0o700),
    ('mkdirat', AT_FDCWD, new_path, 0o700), ('mknod', new_path, 0o010600, 0), ('mknodat', AT_FDCWD, new_path, 0o010600, 0),
    ('chmod', path, 0o777), ('fchmodat', AT_FDCWD, path, 0o777), ('chown', path, 0, 0), ('fchownat', AT_FDCWD, path, 0, 0, 0),
    ('utimensat', AT_FDCWD, path, 0, 0), ('setxattr', path, b'user.x\0', b'x', 1, 0), ('stat', path, buffer),
    ('newfstatat', AT_FDCWD, path, buffer, 0), ('statx', AT_FDCWD, path, 0, 0xfff, buffer), ('access', path, 0),
    ('faccessat', AT_FDCWD, path, 0), ('readlinkat', AT_FDCWD, b'/proc/self/exe\0', buffer, 256), ('getcwd', buffer, 256),
    ('chdir', root), ('chroot', root), ('mount', root, root, 0, 0, 0), ('umount2', root, 0), ('pivot_root', root, root),
    ('fsopen', b'tmpfs\0', 0), ('open_tree', AT_FDCWD, root, 0), ('move_mount', AT_FDCWD, root, AT_FDCWD, root, 0),
    ('inotify_init1', 0), ('fanotify_init', 0, 0), ('memfd_create', b'x\0', 0), ('memfd_secret', 0), ('quotactl', 0, 0, 0, 0),
    ('swapon', path, 0), ('acct', path), ('mq_open', b'/x\0', O_RDWR | O_CREAT, 0o600, 0),
]

NETWORK = [
    ('socket', AF_INET, 1, 0), ('socket', AF_INET, 2, 0), ('socket', AF_INET, 3, 1), ('socket', AF_INET6, 1, 0), ('socket', AF_UNIX, 1, 0),
    ('socket', AF_NETLINK, 3, 0), ('socket', AF_PACKET, 3, 0), ('socket', AF_VSOCK, 1, 0), ('socket', AF_ALG, 5, 0),
    ('socketpair', AF_UNIX, 1, 0, buffer), ('connect', 3, address, 16), ('bind', 3, address, 16), ('listen', 3, 1),
    ('accept4', 3, 0, 0, 0), ('sendto', answers, b'x', 1, 0, address, 16), ('sendmsg', answers, buffer, 0),
    ('sendmmsg', answers, buffer, 1, 0), ('recvfrom', answers, buffer, 1, 0, 0, 0), ('setsockopt', answers, 1, 2, buffer, 4),
]

PROCESSES = [
    ('fork',), ('vfork',), ('clone', 17, 0, 0, 0, 0), ('clone3', buffer, 88), ('execve', shell, 0, 0), ('execveat', AT_FDCWD, shell, 0, 0, 0),
    ('kill', parent, 0), ('kill', parent, SIGKILL), ('kill', -1, 0), ('kill', SELF, SIGSTOP), ('tkill', parent, SIGKILL),
    ('tgkill', parent, parent, SIGKILL), ('tgkill', parent, parent, 6), ('tgkill', SELF, SELF, SIGKILL),
    ('rt_sigqueueinfo', parent, SIGTERM, buffer), ('rt_tgsigqueueinfo', parent, parent, SIGTERM, buffer),
    ('pidfd_open', parent, 0), ('pidfd_send_signal', 3, SIGKILL, 0, 0), ('pidfd_getfd', 3, 0, 0), ('ptrace', 16, parent, 0, 0),
    ('ptrace', 0, 0, 0, 0), ('process_vm_readv', parent, buffer, 1, buffer, 1, 0), ('process_vm_writev', parent, buffer, 1, buffer, 1, 0),
    ('process_madvise', 3, buffer, 1, 4, 0), ('kcmp', SELF, parent, 0, 0, 0), ('setns', 3, 0), ('unshare', 0x10000000),
    ('setuid', 0), ('setgid', 0), ('setresuid', 0, 0, 0), ('setgroups', 0, 0), ('setpgid', 0, 0), ('setsid',), ('capset', buffer, buffer),
    ('prctl', 1, 0, 0, 0, 0), ('prctl', 38, 0, 0, 0, 0), ('arch_prctl', 0x1002, 0), ('personality', 0x0400000), ('seccomp', 0, 0, 0),
    ('prlimit64', 0, 7, 0, buffer), ('prlimit64', parent, 7, buffer, 0), ('setrlimit', 7, buffer), ('setpriority', 0, parent, 19),
    ('sched_setaffinity', parent, 8, buffer), ('sched_setscheduler', 0, 1, buffer), ('wait4', -1, 0, 0, 0), ('waitid', 0, 0, 0, 0, 0),
    ('rt_sigaction', SIGTERM, 0, buffer, 8), ('sigaltstack', 0, buffer), ('timer_create', 0, 0, buffer), ('setitimer', 0, buffer, 0),
    ('landlock_create_ruleset', 0, 0, 1), ('membarrier', 0, 0, 0), ('rseq', buffer, 32, 0, 0), ('set_robust_list', 0, 24),
]

MEMORY = [
    ('mmap', 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ('mmap', 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ('mmap', 0, 4096, PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
    ('mmap', 0, 4096, PROT_READ, MAP_SHARED, answers, 0), ('mmap', 0, 4096, PROT_READ, MAP_PRIVATE, answers, 0),
    ('mprotect', 0x10000, 4096, PROT_READ | PROT_EXEC), ('mprotect', 0x10000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC),
    ('pkey_mprotect', 0x10000, 4096, PROT_READ | PROT_EXEC, -1), ('pkey_alloc', 0, 0), ('remap_file_pages', 0x10000, 4096, 0, 0, 0),
    ('shmget', 1, 4096, 0o1600), ('shmat', 0, 0, 0), ('semget', 1, 1, 0o1600), ('msgget', 1, 0o1600), ('mlockall', 1),
    ('userfaultfd', 0), ('move_pages', parent, 0, 0, 0, 0, 0), ('mbind', 0x10000, 4096, 0, 0, 0, 0),
]

DESCRIPTORS = [
    *(('write', fd, b'x', 1) for fd in range(-1, 40) if fd != answers),
    ('write', answers | 1 << 32, b'x', 1),
    *(('read', fd, buffer, 1) for fd in range(0, 12)),
    ('writev', answers, buffer, 1), ('pwrite64', answers, b'x', 1, 0), ('pwritev2', answers, buffer, 1, 0, 0), ('readv', answers, buffer, 1),
    ('sendfile', answers, 0, 0, 1), ('splice', 0, 0, answers, 0, 1, 0), ('tee', 0, answers, 1, 0), ('vmsplice', answers, buffer, 1, 0),
    ('copy_file_range', 0, 0, answers, 0, 1, 0), ('pipe', buffer), ('pipe2', buffer, 0), ('dup', answers), ('dup2', answers, 9),
    ('dup3', answers, 9, 0), ('fcntl', answers, 0, 0), ('fcntl', answers, 4, 0), ('ioctl', answers, 0x5412, b'x'), ('ioctl', 0, 0x5412, b'x'),
    ('ftruncate', answers, 0), ('fchmod', answers, 0o777), ('fchown', answers, 0, 0), ('fsync', answers), ('lseek', answers, 0, 0),
    ('close', answers), ('close_range', 0, 100, 0), ('poll', buffer, 0, 0), ('select', 0, 0, 0, 0, 0), ('epoll_create1', 0), ('eventfd2', 0, 0),
    ('timerfd_create', 0, 0), ('signalfd4', -1, buffer, 8, 0), ('io_uring_setup', 1, buffer), ('io_uring_enter', 3, 1, 0, 0, 0, 0),
    ('io_uring_register', 3, 0, 0, 0), ('io_setup', 1, buffer), ('flock', answers, 2),
]

SYSTEM = [
    ('bpf', 0, buffer, 48), ('perf_event_open', buffer, 0, -1, -1, 0), ('keyctl', 0, -3, 0, 0, 0), ('add_key', b'user\0', b'x\0', b'x', 1, -3),
    ('request_key', b'user\0', b'x\0', 0, 0), ('syslog', 3, buffer, 1), ('reboot', 0, 0, 0, 0), ('sethostname', b'x', 1),
    ('init_module', buffer, 1, b'\0'), ('finit_module', 3, b'\0', 0), ('delete_module', b'x\0', 0), ('kexec_load', 0, 0, 0, 0),
    ('settimeofday', 0, buffer), ('clock_settime', 0, buffer), ('adjtimex', buffer), ('iopl', 3), ('ioperm', 0, 1, 1), ('modify_ldt', 0, buffer, 1),
    ('getrandom', buffer, 8, 0), ('uname', buffer), ('sysinfo', buffer), ('lookup_dcookie', 0, buffer, 1), ('vhangup',), ('nfsservctl', 0, 0, 0),
]


def attempts():
    for call in FILES + NETWORK + PROCESSES + MEMORY + DESCRIPTORS + SYSTEM:
        result = syscall(*call)
        if result is not None:
            shown = ', '.join('...' if isinstance(argument, bytes) else str(argument) for argument in call[1:])
            yield f'{call[0]}({shown})', result
