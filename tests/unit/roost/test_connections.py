"""Settings converted to the arguments of client libraries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.environment import environment_of
from deploy.local import certificates
from roost.errors import RoostError
from roost.server_settings import KafkaProtocol, SaslMechanism
from roost.servers.connections import Brokers, brokers_of, kafka, node_of
from roost.settings import Settings

SECRET = SecretStr("s3cret")


def test_an_address_alone_is_a_broker_without_security() -> None:
    assert kafka("127.0.0.1:9092") == {"bootstrap_servers": "127.0.0.1:9092"}


def test_a_sign_in_is_shown_over_tls(tmp_path: Path) -> None:
    certificates.make(tmp_path)
    settings = Settings(
        kafka_security_protocol=KafkaProtocol.SASL_SSL,
        kafka_ca=tmp_path / "ca.crt",
        kafka_certificate=tmp_path / "node.crt",
        kafka_certificate_key=tmp_path / "node.key",
        kafka_sasl_mechanism=SaslMechanism.PLAIN,
        kafka_sasl_username="roost",
        kafka_sasl_password=SECRET,
    )
    given = brokers_of(settings).arguments()
    context = given.pop("ssl_context")
    assert context.check_hostname
    assert given == {
        "bootstrap_servers": settings.bootstrap_servers,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "roost",
        "sasl_plain_password": "s3cret",
    }


def test_a_sign_in_without_a_password_is_refused() -> None:
    settings = Settings(kafka_security_protocol=KafkaProtocol.SASL_SSL, kafka_sasl_username="r")
    with pytest.raises(RoostError, match="ROOST_KAFKA_SASL_PASSWORD"):
        brokers_of(settings)


def test_a_certificate_that_is_not_there_is_named_by_its_setting(tmp_path: Path) -> None:
    missing = Brokers("k:9093", KafkaProtocol.SSL, ca=tmp_path / "no.crt")
    with pytest.raises(RoostError, match="ROOST_KAFKA_CA"):
        missing.arguments()
    with pytest.raises(RoostError, match="ROOST_ELASTICSEARCH_CA"):
        node_of(Settings(elasticsearch_ca=tmp_path / "no.crt"))


def test_an_api_key_goes_before_a_name() -> None:
    secured = {"elasticsearch_url": "https://search:9200", "elasticsearch_username": "roost"}
    by_name = node_of(Settings(**secured, elasticsearch_password=SECRET))
    assert by_name.arguments() == {"basic_auth": ("roost", "s3cret")}
    by_key = node_of(Settings(**secured, elasticsearch_api_key=SecretStr("a2V5")))
    assert by_key.arguments() == {"api_key": "a2V5"}


def test_no_secret_goes_to_elasticsearch_in_the_clear() -> None:
    with pytest.raises(RoostError, match="https"):
        node_of(Settings(elasticsearch_url="http://search:9200", elasticsearch_api_key=SECRET))


def test_no_secret_is_shown() -> None:
    brokers = Brokers("k:9093", KafkaProtocol.SASL_SSL, username="roost", password=SECRET)
    assert "s3cret" not in f"{brokers} {brokers!r}"


def test_child_processes_are_let_in_as_we_are(tmp_path: Path) -> None:
    settings = Settings(
        kafka_security_protocol=KafkaProtocol.SASL_SSL,
        kafka_ca=tmp_path / "ca.crt",
        kafka_sasl_username="roost",
        kafka_sasl_password=SECRET,
    )
    given = environment_of(settings)
    assert given["ROOST_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert given["ROOST_KAFKA_CA"] == str(tmp_path / "ca.crt")
    assert given["ROOST_KAFKA_SASL_PASSWORD"] == "s3cret"
    assert "ROOST_ELASTICSEARCH_API_KEY" not in given


def test_every_client_is_given_what_lets_it_in() -> None:
    """A bare address would do on an open stack, and fail on a guarded one."""
    root = Path(__file__).parents[3]
    allowed = {"roost/servers/connections.py", "deploy/environment.py", "deploy/stack_commands.py"}
    bare = re.compile(r"\.(bootstrap_servers|elasticsearch_url)\b")
    found = {
        str(file.relative_to(root))
        for package in ("roost", "producers", "streams", "api", "deploy")
        for file in (root / package).rglob("*.py")
        if bare.search(file.read_text(encoding="utf-8"))
    }
    # Faust takes the address and the credentials apart; the stack and the evaluation are local.
    assert found <= allowed | {
        "deploy/local/stack.py",
        "deploy/evaluate_command.py",
    }
