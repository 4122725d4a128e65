"""Two installations on one machine know nothing of each other."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.system.commands import address_of
from tests.system.conftest import Product
from tests.system.shops import LISTENER_PORT, LoadBalancer, Shop, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


@dataclass
class Installation:
    """A shop of two tasks, and a load balancer without targets."""

    product: Product
    shop: Shop
    address: str

    @classmethod
    def opened(cls, product: Product) -> Installation:
        shop = Shop(product)
        shop.open(desired=2)
        return cls(product, shop, address_of(product, LoadBalancer.made(product).arn))

    def answer(self) -> int | None:
        """The status that the load balancer answers; None when nobody does."""
        try:
            urllib.request.urlopen(f"http://{self.address}:{LISTENER_PORT}/", timeout=5)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None
        raise AssertionError("a load balancer without targets answered 200")


def test_two_installations_run_side_by_side(start_product: Callable[..., Product]) -> None:
    """The same names and ports in both, and the end of one is not the other's."""
    one, other = Installation.opened(start_product("one")), Installation.opened(start_product("other"))
    for each in (one, other):
        until(lambda each=each: each.answer() == 503, "the load balancer answers")
    assert one.product.settings["network"] != other.product.settings["network"]
    before = other.shop.containers()
    assert not set(before) & set(one.shop.containers())

    one.product.tidegate("down", "--purge")
    assert one.answer() is None
    assert other.answer() == 503
    assert other.shop.containers() == before
    assert other.shop.service["runningCount"] == 2
    # The keys of one open nothing at the other.
    stranger = Product(
        other.product.data_dir, {**one.product.settings, "endpoint": other.product.settings["endpoint"]}
    )
    with pytest.raises(stranger.client("ecs").exceptions.ClientError, match="UnrecognizedClientException"):
        stranger.client("ecs").list_clusters()
