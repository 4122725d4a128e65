"""Key pairs.

What makes and reads keys is imported with the first of them, off the event loop: its library is 8 MB and
20 ms of every start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.faults import invalid_for, missing
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves, tags_for
from tidegate.control.api.ec2.views import key_pair_view
from tidegate.control.api.tag_views import tag_list
from tidegate.control.importing import late_module
from tidegate.control.store import Transaction
from tidegate.control.store.tables import KEY_PAIRS
from tidegate.domain.ec2 import KeyPair
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Fault

if TYPE_CHECKING:
    from tidegate.control.api.ec2.key_material import GeneratedKey, PublicKey

_KEY_TYPES = ("rsa", "ed25519")

KEY_PAIR = Noun[KeyPair](
    kind="key-pair",
    id_of=lambda row: row.name,
    filters={
        "key-name": lambda row: (row.name,),
        "key-pair-id": lambda row: (row.id,),
        "fingerprint": lambda row: (row.fingerprint,),
    },
    tags_of=lambda row: row.tags,
)


@serves("KeyName", "KeyType", "TagSpecifications", only={"KeyFormat": ("pem",)})
async def create_key_pair(context: ApiContext, call: Call) -> Mapping[str, Any]:
    key_type = call.parameters.get("KeyType", "rsa")
    if key_type not in _KEY_TYPES:
        raise invalid_for("keyType", key_type, "It must be rsa or ed25519.")
    tags = tags_for(call.parameters, "key-pair")
    _check_free(context, call.parameters["KeyName"])
    generated = await asyncio.to_thread(_generated, key_type)
    row = await _add(context, call.parameters["KeyName"], generated.public, tags)
    return {**_created_view(row), "KeyMaterial": generated.private_text}


@serves("KeyName", "PublicKeyMaterial", "TagSpecifications")
async def import_key_pair(context: ApiContext, call: Call) -> Mapping[str, Any]:
    tags = tags_for(call.parameters, "key-pair")
    public = await asyncio.to_thread(_imported, call.parameters["PublicKeyMaterial"])
    return _created_view(await _add(context, call.parameters["KeyName"], public, tags))


def _generated(key_type: str) -> GeneratedKey:
    key: GeneratedKey = _key_material().generate(key_type)
    return key


def _imported(material: bytes) -> PublicKey:
    keys = _key_material()
    try:
        key: PublicKey = keys.imported(material)
    except keys.InvalidKeyError as error:
        raise Fault("InvalidKey.Format", "Key is not in valid OpenSSH public key format") from error
    return key


def _key_material() -> Any:
    return late_module("tidegate.control.api.ec2.key_material")


async def _add(context: ApiContext, name: str, public: PublicKey, tags: Tags) -> KeyPair:
    if not name or len(name) > 255:
        raise invalid_for("KeyName", name, "Key names have 1 to 255 characters.")
    row = KeyPair(
        id=f"key-{context.ids.hex(17)}",
        name=name,
        key_type=public.key_type,
        fingerprint=public.fingerprint,
        public_key=public.text,
        created_at=context.clock.now(),
        tags=tags,
    )

    def add(tx: Transaction) -> None:
        if tx.get(KEY_PAIRS, name) is not None:
            raise _duplicate(name)
        tx.put(KEY_PAIRS, row)

    await context.store.transact(add)
    return row


def _check_free(context: ApiContext, name: str) -> None:
    """Before the work of making a key; the transaction asks again."""
    if context.store.snapshot.get(KEY_PAIRS, name) is not None:
        raise _duplicate(name)


def _duplicate(name: str) -> Fault:
    return Fault("InvalidKeyPair.Duplicate", f"The keypair already exists: {name}")


def _created_view(row: KeyPair) -> dict[str, Any]:
    return {
        "KeyPairId": row.id,
        "KeyName": row.name,
        "KeyFingerprint": row.fingerprint,
        "Tags": tag_list(row.tags),
    }


@serves("KeyNames", "KeyPairIds", "IncludePublicKey", "Filters")
async def describe_key_pairs(context: ApiContext, call: Call) -> Mapping[str, Any]:
    rows = list(context.store.snapshot.all(KEY_PAIRS))
    by_id = {row.id: row.name for row in rows}
    names = list(call.parameters.get("KeyNames") or ())
    for key_id in call.parameters.get("KeyPairIds") or ():
        if key_id not in by_id:
            raise missing("key-pair", key_id)
        names.append(by_id[key_id])
    page = described(KEY_PAIR, rows, call.parameters, names)
    with_key = bool(call.parameters.get("IncludePublicKey"))
    response = answer("KeyPairs", page, lambda row: key_pair_view(row, with_public_key=with_key))
    return {"KeyPairs": response["KeyPairs"]}


@serves("KeyName", "KeyPairId")
async def delete_key_pair(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Deleting what is not there succeeds, as on AWS."""
    name, key_id = call.parameters.get("KeyName"), call.parameters.get("KeyPairId")
    if not name and not key_id:
        raise Fault("MissingParameter", "The request must contain the parameter KeyName or KeyPairId")

    def delete(tx: Transaction) -> str | None:
        found = next((row for row in tx.all(KEY_PAIRS) if name == row.name or key_id == row.id), None)
        if found is not None:
            tx.delete(KEY_PAIRS, found.name)
        return found.id if found else None

    return {"Return": True, "KeyPairId": await context.store.transact(delete)}
