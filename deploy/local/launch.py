"""A launcher that becomes another program and dies with its parent, optionally as another user.

    python -I launch.py PARENT_PID USER_ID PROGRAM [ARGUMENT ...]

On Linux the kernel kills the program when the thread that started it ends for any reason, so `kill
-9` of the supervisor leaves no orphan. The signal is requested after the change of user, which
would clear it. Elsewhere the next start cleans up (processes.py).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, user, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the line above took effect
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
