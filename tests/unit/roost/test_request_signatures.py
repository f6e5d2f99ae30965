"""Signatures of requests: the vectors of the providers' documents, and what breaks a signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from roost.carriers.request_signatures import (
    SignedRequest,
    aliyun_authorization,
    aliyun_signature,
    query_text,
    tencent_authorization,
    tencent_signature,
)

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
RUN_INSTANCES = SignedRequest(
    headers={
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    },
    query={
        "RegionId": "cn-shanghai",
        "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
    },
    body=b"",
)
DESCRIBE_INSTANCES = SignedRequest(
    headers={
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "x-tc-action": "DescribeInstances",
    },
    query={},
    body=(
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    ),
)
AT = datetime.fromtimestamp(1551113065, UTC)
SECRET = "Gu5t9xGARNpq86cd98joQYCN3*******"  # as printed in the document


def test_the_vector_of_aliyuns_document() -> None:
    assert aliyun_authorization("YourAccessKeyId", "YourAccessKeySecret", RUN_INSTANCES) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_vectors_of_tencents_document() -> None:
    key_id = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******"
    assert tencent_authorization(key_id, SECRET, "cvm", AT, DESCRIBE_INSTANCES) == (
        f"TC3-HMAC-SHA256 Credential={key_id}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3"
    )
    headers = {
        name: value for name, value in DESCRIBE_INSTANCES.headers.items() if name != "x-tc-action"
    }
    without_action = replace(DESCRIBE_INSTANCES, headers=headers)
    assert tencent_signature(SECRET, "cvm", AT, without_action) == (
        "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
    )


def test_a_query_is_encoded_by_rfc_3986() -> None:
    query = {"b": " +*~/", "a": "退订"}
    assert query_text(query) == "a=%E9%80%80%E8%AE%A2&b=%20%2B%2A~%2F"


@given(st.text(min_size=1, max_size=20), st.binary(max_size=50), st.text(max_size=10))
def test_any_change_of_a_request_changes_both_signatures(
    value: str, body: bytes, secret: str
) -> None:
    signed = {aliyun_signature("s", RUN_INSTANCES)}
    changed = {
        aliyun_signature("s", replace(RUN_INSTANCES, query={"RegionId": f"{value}x"})),
        aliyun_signature(f"s{secret}x", RUN_INSTANCES),
        aliyun_signature("s", replace(RUN_INSTANCES, method="GET")),
    }
    assert not signed & changed
    of_body = tencent_signature("s", "sms", AT, replace(DESCRIBE_INSTANCES, body=body))
    assert of_body != tencent_signature("s", "sms", AT, DESCRIBE_INSTANCES)
    assert of_body != tencent_signature("s", "cvm", AT, replace(DESCRIBE_INSTANCES, body=body))
