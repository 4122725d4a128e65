"""What identifies an installation and how control runs: read once at start, passed down explicitly."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

# Whose access key `tidegate env` prints: the one user of an installation.
USER_NAME = "tidegate"
# A period of a minute is five seconds then, and balancers measure no more often.
SCALING_SPEED_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSettings:
    """`network` is the first two octets of the /16 whose addresses this installation hands out:
    NETWORK.1.x to instances, NETWORK.2.x to load balancers."""

    region: str
    account: str
    network: str
    endpoint: str


class SettingsError(Exception):
    """A setting is impossible; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """One control process.

    It listens on the inherited socket `listen_fd` (its supervisor holds it, so that a restart refuses no
    connection), or binds `listen` (HOST:PORT) itself. `database_url` None keeps the state in SQLite
    under `data_dir`. `scaling_speed`: how many times as fast as on AWS scaling policies act, their alarms'
    periods and their cooldowns being that much shorter. `metrics_listen`: HOST:PORT of `/metrics`; None: a
    free port of loopback's. Raises SettingsError.
    """

    region: RegionSettings
    data_dir: Path
    access_key: str
    secret_key: str = field(repr=False)
    listen_fd: int | None = None
    listen: str | None = None
    database_url: str | None = None
    host_lost_after_seconds: float = 60.0
    scaling_speed: float = 1.0
    metrics_listen: str | None = None

    def __post_init__(self) -> None:
        if (self.listen_fd is None) == (self.listen is None):
            raise SettingsError("give one of --listen-fd and --listen")
        if not self.access_key or not self.secret_key:
            raise SettingsError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: every request is verified")
        if self.host_lost_after_seconds <= 0:
            raise SettingsError("--host-lost-after must be more than 0 seconds")
        if not 1 <= self.scaling_speed <= SCALING_SPEED_MAX:
            raise SettingsError(f"--scaling-speed must be between 1 and {SCALING_SPEED_MAX}")

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.state_path.absolute()}"

    @property
    def folder(self) -> Path:
        """What control keeps on this host."""
        return self.data_dir / "control"

    @property
    def state_path(self) -> Path:
        """The file of the state, where it is not in PostgreSQL."""
        return self.folder / "state.db"

    @property
    def series_path(self) -> Path:
        """The file of metrics. It belongs to this host: PostgreSQL does not hold it."""
        return self.folder / "metrics.db"

    @property
    def logs_path(self) -> Path:
        """The file of log events. It belongs to this host, as that of metrics does."""
        return self.folder / "logs.db"

    @property
    def buckets_dir(self) -> Path:
        """The folder that stands for S3, one folder a bucket."""
        return self.data_dir / "s3"

    @property
    def is_lease_remote(self) -> bool:
        """Whether the right to write can be lost while this process runs."""
        return not self.database.startswith("sqlite")
