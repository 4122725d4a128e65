"""XML answers: envelopes, and text that XML cannot carry as it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest

from tidegate.wire.models import model_for
from tidegate.wire.xml_bodies import ec2_serialiser, escape, query_serialiser


def test_a_query_answer_is_wrapped_in_its_result_with_the_request_id_behind_it() -> None:
    write = query_serialiser(model_for("elbv2", "DescribeTags"), "DescribeTags")
    assert write({"TagDescriptions": []}, "the-id").decode() == (
        '<DescribeTagsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
        "<DescribeTagsResult><TagDescriptions></TagDescriptions></DescribeTagsResult>"
        "<ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata></DescribeTagsResponse>"
    )


def test_an_operation_with_an_empty_output_still_has_its_result() -> None:
    write = query_serialiser(model_for("elbv2", "AddTags"), "AddTags")
    assert b"<AddTagsResult></AddTagsResult><ResponseMetadata>" in write({}, "id")


def test_an_operation_without_output_has_no_result() -> None:
    write = query_serialiser(model_for("iam", "DeleteRole"), "DeleteRole")
    assert b"Result>" not in write({}, "id")


def test_an_ec2_answer_begins_with_the_request_id_and_says_true_when_it_has_nothing_to_say() -> None:
    write = ec2_serialiser(model_for("ec2", "DeleteVpc"), "DeleteVpc")
    assert write({}, "the-id").decode() == (
        '<DeleteVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        "<requestId>the-id</requestId><return>true</return></DeleteVpcResponse>"
    )


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    write = query_serialiser(model_for("iam", "GetRole"), "GetRole")
    east = timezone(timedelta(hours=2))
    role = {"CreateDate": datetime(2026, 1, 1, 14, 0, 0, 5_999, tzinfo=east)}
    assert b"<CreateDate>2026-01-01T12:00:00.005Z</CreateDate>" in write({"Role": role}, "id")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("]]>", "]]&gt;"),
        ("\"quoted\" 'text'", "\"quoted\" 'text'"),
        ("line\r\nend\ttab", "line&#13;\nend\ttab"),
        ("no\x00thing\x1b\x0b\ufffe", "nothing"),
        ("日本 ä", "日本 ä"),
    ],
)
def test_text_is_written_so_that_an_xml_parser_reads_it_back(text: str, written: str) -> None:
    assert escape(text) == written
    ElementTree.fromstring(f"<x>{escape(text)}</x>")
