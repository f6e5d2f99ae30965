"""Child processes inherit listed variables only."""

from __future__ import annotations

from deploy.local.child_environment import (
    download_environment,
    roost_environment,
    server_environment,
)

PARENT = {
    "PATH": "/usr/bin",
    "LC_ALL": "C.UTF-8",
    "TZ": "Asia/Shanghai",
    "ROOST_WEBHOOK_KEY": "secret of the county",
    "ROOST_CHANNEL_URLS": '{"sms": "env:SMS_URL", "email": "mailtos://u:p@mail.cn/?to={address}"}',
    "SMS_URL": "https://user:password@sms.example.cn/{address}",
    "AWS_SECRET_ACCESS_KEY": "of something else",
    "MAVEN_OPTS": "-Xmx256m",
    "https_proxy": "http://proxy:3128",
    "PYTHONPATH": "/opt/roost",
}


def test_servers_inherit_no_secret() -> None:
    assert server_environment(PARENT).keys() == {"PATH", "LC_ALL", "TZ"}


def test_maven_inherits_its_own_settings_and_the_proxy() -> None:
    found = download_environment(PARENT)
    assert found.keys() == {"PATH", "LC_ALL", "TZ", "MAVEN_OPTS", "https_proxy"}


def test_roosts_processes_inherit_the_settings_and_the_variables_they_refer_to() -> None:
    found = roost_environment(PARENT)
    assert found["SMS_URL"] == PARENT["SMS_URL"]
    assert {"ROOST_WEBHOOK_KEY", "ROOST_CHANNEL_URLS", "PYTHONPATH"} <= found.keys()
    assert "AWS_SECRET_ACCESS_KEY" not in found


def test_settings_are_inherited_in_any_case_as_they_are_read() -> None:
    lower = {"roost_webhook_key": "x", "Roost_Channel_Urls": '{"sms": "env:SMS"}', "SMS": "y"}
    assert roost_environment(lower) == lower
    assert server_environment(lower) == {}


def test_a_name_that_only_begins_like_a_listed_one_is_not_inherited() -> None:
    assert server_environment({"PATH_TO_KEY": "x", "HOMEPASSWORD": "y", "MY_PATH": "z"}) == {}
