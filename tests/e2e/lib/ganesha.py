"""nfs-ganesha with its VFS back end as a peer: to compare speed with, and to tell a fault of a test from a fault of ours."""

import os
import shutil
import socket
import time
from pathlib import Path

from .process import Process

PLUGINS = "/usr/lib/x86_64-linux-gnu/ganesha"

# It serves no NFSv3 without a portmapper: it gets one of its own, reached by the unix socket in a private /run only. The pid
# namespace makes one kill end all of it.
LAUNCH = """
mount -t tmpfs run /run && mkdir -p /run/rpcbind /run/lock || exit 1
unshare --net rpcbind -f -w &
for i in $(seq 100); do [ -S /run/rpcbind.sock ] && break; sleep 0.05; done
exec ganesha.nfsd -F -f "$1/ganesha.conf" -L STDERR -p "$1/pid" -N NIV_WARN
"""

CONFIGURATION = """
NFS_CORE_PARAM {{
    Bind_addr = 127.0.0.1; NFS_Port = {port}; MNT_Port = {mount_port}; NLM_Port = {nlm_port}; Rquota_Port = {quota_port};
    NFS_Protocols = {protocols}; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
    Plugins_Dir = {plugins}; mount_path_pseudo = false; {threads}
}}
NFSv4 {{ Graceless = true; RecoveryRoot = {scratch}/recovery; }}
NFS_KRB5 {{ Active_krb5 = false; }}
LOG {{ Default_Log_Level = WARN; }}
{exports}
"""

EXPORT = """
EXPORT {{
    Export_Id = {number}; Path = {path}; Pseudo = /{name}; Access_Type = {access}; Squash = {squash}; SecType = sys;
    Anonymous_Uid = 65534; Anonymous_Gid = 65534;
    FSAL {{ Name = VFS; }}
}}
"""

SQUASH = {"none": "No_root_squash", "root": "Root_squash", "all": "All_squash"}


def missing():
    if shutil.which("ganesha.nfsd", path="/usr/bin:/usr/sbin:/bin:/sbin") is None or not Path(PLUGINS, "libfsalvfs.so").exists():
        return "nfs-ganesha is not installed"
    return "" if os.geteuid() == 0 else "nfs-ganesha is started by root only"


class Ganesha:
    """The same face as server.Nfsd, as far as tests that can do with either need it. `threads` bounds its workers, None: its own 200.
    `protocols`: as its configuration lists the versions that it is to serve."""

    label = "ganesha"

    def __init__(self, scratch, shares=None, port=0, threads=None, protocols="3"):
        self.scratch = Path(scratch)
        self.threads, self.protocols = threads, protocols
        self.shares = shares or [{"name": "export", "squash": "none"}]
        self.port = port
        self.process = None

    @property
    def mount_port(self):
        return self.port + 1

    @property
    def pid(self):
        return self.process.pid

    def path(self, share="export"):
        return str(self.scratch / share)

    def pseudo_path(self, share="export"):
        return "/" + share

    def launch(self):
        """Starts the program and does not wait until it is ready."""
        self.port = self.port or four_free_ports()
        (self.scratch / "recovery").mkdir(parents=True, exist_ok=True)
        exports = ""
        for number, share in enumerate(self.shares, 1):
            Path(self.path(share["name"])).mkdir(exist_ok=True)
            Path(self.path(share["name"])).chmod(0o1777 if share.get("squash") == "root" else 0o777)
            exports += EXPORT.format(number=number, name=share["name"], path=self.path(share["name"]),
                                     squash=SQUASH[share.get("squash", "root")], access="RO" if share.get("read_only") else "RW")
        ports = {"port": self.port, "mount_port": self.port + 1, "nlm_port": self.port + 2, "quota_port": self.port + 3}
        (self.scratch / "ganesha.conf").write_text(
            CONFIGURATION.format(scratch=self.scratch, plugins=PLUGINS, exports=exports, protocols=self.protocols, **ports,
                                 threads=f"RPC_Ioq_ThrdMax = {self.threads};" if self.threads else ""))
        # SIGKILL must reach the first process of the pid namespace when unshare goes.
        return Process(["unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child=KILL", "bash", "-c", LAUNCH, "ganesha",
                        str(self.scratch)])

    def start(self):
        self.process = self.launch()
        deadline = time.monotonic() + 20
        while not accepts(self.mount_port) or not accepts(self.port):
            if time.monotonic() > deadline or not self.process.running():
                self.process.kill()
                raise RuntimeError(f"nfs-ganesha did not start:\n{self.process.output}")
            time.sleep(0.05)
        return self

    def kill(self):
        self.process.kill()

    stop = kill

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        if self.process:
            self.kill()


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def four_free_ports():
    """The first of four ports in a row that nobody listens on."""
    for first in range(21049, 30000, 10):
        if not any(accepts(first + i) for i in range(4)):
            return first
    raise RuntimeError("no free ports")
