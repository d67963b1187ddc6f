"""Every key of a compose file that is known, and what becomes of it.

Nothing here is guessed from a newer specification: a key that is not named is refused. A key that is
left out can only take something away from the app, never give it more.
"""

from typing import Final, Literal

Shape = Literal["text", "flag", "number", "words", "list"]

KEPT: Final[dict[str, Shape]] = {
    "command": "words",
    "cpu_shares": "number",
    "cpus": "number",
    "entrypoint": "words",
    "expose": "list",
    "hostname": "text",
    "init": "flag",
    "mem_limit": "number",
    "platform": "text",
    "profiles": "list",
    "read_only": "flag",
    "shm_size": "number",
    "stdin_open": "flag",
    "stop_grace_period": "text",
    "stop_signal": "text",
    "tty": "flag",
    "user": "text",
    "working_dir": "text",
}
"""Kept as it is, once its shape is right; none of it reaches out of the container."""

RULED: Final = frozenset(
    "cap_add cap_drop configs container_name depends_on deploy env_file environment healthcheck image links "
    "network_mode networks pids_limit ports restart secrets security_opt sysctls tmpfs ulimits volumes "
    "volumes_from".split()
)
"""Each has its own rule."""

DROPPED: Final[dict[str, str]] = {
    "annotations": "they switch the runtime",
    "attach": "it is about the terminal",
    "blkio_config": "it is about the host's disks",
    "cpu_count": "it is about the host",
    "cpu_percent": "it is about the host",
    "cpu_period": "cpus says it",
    "cpu_quota": "cpus says it",
    "cpuset": "it is about the host's processors",
    "develop": "it is about building the app",
    "dns": "the host's own name servers are used",
    "dns_opt": "the host's own name servers are used",
    "dns_search": "the host's own name servers are used",
    "domainname": "the app has its own network",
    "exclude_from_hc": "it is for another tool",
    "extra_hosts": "names outside of the app are the host's matter",
    "group_add": "groups of the host mean nothing in its own folder",
    "isolation": "it is about the host",
    "label_file": "labels steer other programs on the host",
    "labels": "labels steer other programs on the host",
    "logging": "logs go where the host keeps them",
    "mac_address": "the app has its own network",
    "mem_reservation": "what it may use is bounded, not promised",
    "mem_swappiness": "it is about the host",
    "memswap_limit": "swap is the host's matter",
    "oom_kill_disable": "it is about the host",
    "oom_score_adj": "it is about the host",
    "pull_policy": "images are fetched by whoever starts the app",
    "pull_refresh_after": "images are fetched by whoever starts the app",
    "scale": "one of each is started",
    "storage_opt": "it is about the host's disks",
}
"""Left out, and said so; with the reason."""

REFUSED: Final[dict[str, tuple[str, str]]] = {
    "build": ("would run somebody's build on the host", "publish the image, and write: image: <name>:<version>"),
    "cgroup_parent": ("leaves the limits that the host sets", "remove it"),
    "cpu_rt_period": ("can starve the host", "use cpus: instead"),
    "cpu_rt_runtime": ("can starve the host", "use cpus: instead"),
    "credential_spec": ("uses the host's accounts", "remove it"),
    "device_cgroup_rules": ("opens devices of the host", "an app cannot have devices"),
    "devices": ("opens devices of the host", "an app cannot have devices"),
    "extends": ("takes in another file", "write the whole service into this file"),
    "external_links": ("reaches containers of other apps", "put both services into this file"),
    "gpus": ("opens devices of the host", "an app cannot have devices"),
    "models": ("starts programs of the host", "run the model in a service of this file"),
    "post_start": ("can run with more rights than the service", "put it into the image's entry point"),
    "pre_stop": ("can run with more rights than the service", "put it into the image's entry point"),
    "provider": ("starts programs of the host", "remove it"),
    "use_api_socket": ("gives the engine's socket away", "an app that steers the engine cannot be published"),
    "volume_driver": ("can reach any storage of the host", "use a plain volume or a folder: ./data:/data"),
}
"""Never granted: why, and what to write instead. An empty value of one (`devices: []`) is nothing."""

PRIVATE_SPACES: Final[dict[str, tuple[object, ...]]] = {
    "cgroup": ("private",),
    "ipc": ("private", "none", "shareable"),
    "pid": (),
    "privileged": ("false", "no"),
    "runtime": ("runc",),
    "userns_mode": (),
    "uts": (),
}
"""What opens the host's own spaces, with the values that do not."""

TOP_LEVEL: Final = frozenset(("configs", "name", "networks", "secrets", "services", "version", "volumes"))

TOP_REFUSED: Final[dict[str, tuple[str, str]]] = {
    "include": ("takes in another file", "write the services into this file"),
    "models": ("starts programs of the host", "run the model in a service of this file"),
}
