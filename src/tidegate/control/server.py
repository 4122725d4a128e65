"""The composition root of control: the one place where its real parts are joined."""

from __future__ import annotations

import asyncio
import importlib
import sys
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
import uvloop

from tidegate.control import garbage
from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.defaults import ensure_defaults
from tidegate.control.api.late import LateFrontEnds
from tidegate.control.buckets import FolderBuckets
from tidegate.control.console import Console
from tidegate.control.controllers import ControlContext, Driver
from tidegate.control.importing import Importer, late_module
from tidegate.control.links import TRUST_STORE_PREFIX, Links
from tidegate.control.login_key_page import LOGIN_KEY_PREFIX, LoginKeyPage
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.nodes.context import NodeContext
from tidegate.control.operators import ApiCalls, Operated, ReadyPage
from tidegate.control.pages import AuthorityPage, Pages
from tidegate.control.serving import Serving
from tidegate.control.sessions import Sessions
from tidegate.control.settings import ControlSettings, SettingsError
from tidegate.control.status import StatusPage
from tidegate.control.store import (
    Database,
    DatabaseBusyError,
    DatabaseUnreachableError,
    Store,
    UnknownSchemaError,
)
from tidegate.control.store.logs import UnknownLogFileError, open_logs
from tidegate.control.store.opening import open_database
from tidegate.control.store.series import UnknownSeriesFileError, open_series
from tidegate.control.store.tables import ALL
from tidegate.control.trust_store_page import TrustStorePage
from tidegate.control.webhooks import HttpWebhooks
from tidegate.domain.ids import RandomIds
from tidegate.domain.time import Clock, SystemClock
from tidegate.fleet import logs
from tidegate.fleet.exposition import READY_PATH, Exposition
from tidegate.fleet.hosting import AUTHORITY_PATH, STATUS_PATH
from tidegate.fleet.loop_lag import LagMeter
from tidegate.fleet.power import read_mark
from tidegate.wire import AwsApplication

_log = structlog.get_logger(__name__)


def run(settings: ControlSettings) -> None:
    """Be the control process until told to stop; ends the process with its exit code."""
    logs.configure()
    try:
        # Before the loop: a standby waits here, and a signal simply ends it.
        database = active_database(settings)
        code = uvloop.run(serve(settings, database))
    except (
        DatabaseBusyError,
        DatabaseUnreachableError,
        UnknownSchemaError,
        UnknownSeriesFileError,
        UnknownLogFileError,
        SettingsError,
    ) as error:
        sys.exit(f"tidegate control: {error}")
    sys.exit(code)


def active_database(settings: ControlSettings) -> Database:
    """The database, once it is this process's to write. PostgreSQL: waits as standby where another
    control is active."""
    try:
        return open_database(settings.database)
    except DatabaseBusyError:
        if not settings.is_lease_remote:
            raise
    _log.info("another control is active: waiting as standby")
    database = open_database(settings.database, wait_for_lock=True)
    _log.info("active: the other control is gone")
    return database


async def _loaded(settings: ControlSettings, database: Database, clock: Clock) -> Store:
    store = Store(database, ALL)
    # Milliseconds: nobody commits a thousand times a second for as long as a control runs.
    store.load(revision_at_least=int(clock.now().timestamp() * 1000))
    if read_mark(settings.data_dir) is not None:
        # It stands on decisions that are imported after the first answer, where nothing was switched off.
        switched_off = importlib.import_module("tidegate.control.switched_off")
        await switched_off.end_switched_off(settings.data_dir, store, clock)
    return store


async def serve(settings: ControlSettings, database: Database) -> int:
    """Join the parts and run them; the exit code."""
    clock, ids = SystemClock(), RandomIds()
    credentials = {settings.access_key: settings.secret_key}
    started_at = clock.now()
    store = await _loaded(settings, database, clock)
    series, log_store = open_series(settings.series_path, clock), open_logs(settings.logs_path, clock)
    shared: dict[str, Any] = {"store": store, "clock": clock, "ids": ids, "settings": settings.region}
    sessions = Sessions(access_key=settings.access_key, secret_key=settings.secret_key, ids=ids)
    buckets, links = FolderBuckets(settings.buckets_dir), _links(settings)
    kept: dict[str, Any] = {"series": series, "logs": log_store}
    api = ApiContext(**shared, **kept, buckets=buckets, links=links, sessions=sessions)
    await ensure_defaults(api)
    control = _control(settings, {**shared, "started_at": started_at, "metrics": series, "logs": log_store})
    calls = ApiCalls()
    importer = Importer()
    front_ends = LateFrontEnds(importer)
    aws = AwsApplication(
        front_ends.find,
        credentials=credentials,
        context=api,
        account=settings.region.account,
        clock=clock,
        ids=ids,
        note=calls.note,
    )
    nodes = NodeApplication(NodeContext(**shared, metrics=series), credentials)
    driver = Driver(store, (), clock)
    running: dict[str, Any] = {"store": store, "driver": driver, "nodes": nodes, "lag": LagMeter()}
    operated = Operated(
        **running,
        region=settings.region.region,
        series=series,
        calls=calls,
        files={
            "state": settings.state_path,
            "metrics": settings.series_path,
            "logs": settings.logs_path,
        },
    )
    signed: dict[str, Any] = {"store": store, "clock": clock, "credentials": credentials}
    http = Pages(
        {
            STATUS_PATH: StatusPage(**running, clock=clock, credentials=credentials, started_at=started_at),
            AUTHORITY_PATH: AuthorityPage(**signed, ids=ids),
            READY_PATH: ReadyPage(operated),
        },
        {
            TRUST_STORE_PREFIX: TrustStorePage(**signed, arns=api.arns),
            LOGIN_KEY_PREFIX: LoginKeyPage(store=store),
        },
        otherwise=aws,
    )
    beside: dict[str, Any] = {"sessions": sessions, "settings": settings.region, "started_at": started_at}
    console = Console(**signed, **beside, otherwise=http)
    asyncio.get_running_loop().set_exception_handler(_tell_of_a_failure)
    garbage.keep_collections_short()
    _log.info("control starts", revision=store.snapshot.revision, database=settings.database.split("@")[-1])
    serving = Serving(
        settings,
        **running,
        **kept,
        http=console,
        close_streams=console.close,
        exposition=_exposition(settings, operated),
        before_driving=partial(_take_controllers, importer, driver, control),
        beside=front_ends.load,
    )
    return await serving.run()


def _links(settings: ControlSettings) -> Links:
    return Links(
        region=settings.region.region, access_key=settings.access_key, secret_key=settings.secret_key
    )


def _control(settings: ControlSettings, shared: dict[str, Any]) -> ControlContext:
    return ControlContext(
        **shared,
        host_lost_after=timedelta(seconds=settings.host_lost_after_seconds),
        scaling_speed=settings.scaling_speed,
        webhooks=HttpWebhooks(),
    )


async def _take_controllers(importer: Importer, driver: Driver, control: ControlContext) -> None:
    region = await importer.module("tidegate.control.controllers.region")
    driver.take(region.controllers(control))


def _tell_of_a_failure(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _log.error(context["message"], exc_info=context.get("exception"))


def _exposition(settings: ControlSettings, operated: Operated) -> Exposition:
    def text() -> bytes:
        # By its name: whoever is never scraped does not import it.
        content: bytes = late_module("tidegate.control.exposition").text(operated)
        return content

    return Exposition(settings.folder, settings.metrics_listen, text, operated.waits_for)
