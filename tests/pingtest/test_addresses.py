"""Tests of multiaddrs: the address that a listener announces, and the checks before a dialer dials an address."""

import subprocess
import sys
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libp2p.peer.id import ID
from multiaddr import Multiaddr
from rolekit import PEER_ID

from dev.lockenv.project import Project
from pingtest.addresses import announced_address, local_address, parse_target
from pingtest.errors import Failure, Status
from pingtest.settings import IP, Pipe, Redis, Settings, Transport, read_settings

SETTINGS = read_settings({"IS_DIALER": "false", "RENDEZVOUS_FD": "3", "TRANSPORT": "quic-v1"})
PEER = ID.from_base58(PEER_ID)


def announced(ip: str, listening: str, settings: Settings = SETTINGS) -> str:
    return announced_address(replace(settings, listener_ip=ip_address(ip)), Multiaddr(listening), PEER)


def announced_ip(address: str) -> IP:
    return ip_address(address.split("/")[2])


@pytest.mark.parametrize("transport", [transport for transport in Transport if transport != "webrtc-direct"])
@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_an_announced_address_can_be_dialed(transport: Transport, ip: str) -> None:
    listening = str(local_address(transport, ip_address(ip))).replace("/0", "/4001")
    address = announced(ip, f"{listening}/p2p/{PEER_ID}")
    target = parse_target(address, "test", transport)
    assert target.peer.peer_id == PEER
    assert [str(found) for found in target.peer.addrs] == [listening]


def test_a_listener_on_loopback_announces_loopback() -> None:
    assert announced("127.0.0.1", "/ip4/127.0.0.1/tcp/4001") == f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER_ID}"


@pytest.mark.parametrize("rendezvous", [Pipe(3), Redis("redis://127.0.0.1:6379", "127.0.0.1:6379", "listenerAddr")])
def test_the_unspecified_address_is_announced_as_a_reachable_address(rendezvous: Pipe | Redis) -> None:
    settings = replace(SETTINGS, rendezvous=rendezvous)
    try:
        address = announced("0.0.0.0", "/ip4/0.0.0.0/tcp/4001", settings)
    except Failure as failure:  # This machine has only loopback, and the failure must say so.
        assert failure.status is Status.ADDRESS
        assert "LISTENER_IP=127.0.0.1" in str(failure)
    else:
        assert announced_ip(address).version == 4
        assert not announced_ip(address).is_loopback
        assert address.endswith(f"/tcp/4001/p2p/{PEER_ID}")


_BRIDGE = """
set -e
mount -t sysfs none /sys
ip link set lo up
ip link add br-c type bridge
ip addr add 172.30.0.1/16 dev br-c
ip link set br-c up
"$0" -c "$1"
ip tuntap add dev lan mode tap
ip addr add 10.9.0.7/24 dev lan
ip link set lan up
"$0" -c "$1"
"""
_ASK = """
from pingtest.addresses import reachable_ip
from pingtest.settings import read_settings
settings = {"IS_DIALER": "false", "TRANSPORT": "quic-v1", "REDIS_ADDR": "172.30.0.1:6379", "TEST_KEY": "a5b50d5e"}
print(reachable_ip(read_settings(settings)))
"""


@pytest.mark.netns
def test_the_address_of_a_bridge_between_containers_is_announced_only_without_another(project: Project) -> None:
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", _BRIDGE, sys.executable, _ASK],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["172.30.0.1", "10.9.0.7"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no peer ID"),
        ("garbage", ""),
        ("/ip4/127.0.0.1/tcp/4001", "no peer ID"),
        (f"/ip4/127.0.0.1/udp/4001/quic-v1/p2p/{PEER_ID}", "another transport"),
        (f"/ip4/127.0.0.1/tcp/4001/ws/p2p/{PEER_ID}", "another transport"),
        (f"/ip4/127.0.0.1/tcp/99999/p2p/{PEER_ID}", ""),
        (f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER_ID}x", ""),
        (f"/p2p/{PEER_ID}", "another transport"),
        (f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER_ID}/p2p-circuit", "another transport"),
        ("/ip4/127.0.0.1/tcp/4001/p2p/" + "Q" * 5_000, "5028 characters"),
        ("/ip4/127.0.0.1/tcp/4001/p2p/\x1b[31m", ""),
    ],
)
def test_an_address_that_cannot_be_dialed_is_refused(text: str, why: str) -> None:
    with pytest.raises(Failure) as caught:
        parse_target(text, "Redis at here, key there", Transport.TCP)
    assert caught.value.status is Status.ADDRESS
    line = str(caught.value)
    assert line.startswith("Redis at here, key there: expected the listener's tcp multiaddr")
    assert why in line
    assert "\x1b" not in line
    assert len(line) < 500


@pytest.mark.parametrize("host", ["ip4/127.0.0.1", "ip6/::1", "dns4/example.org", "dns/tls.ws"])
def test_tls_over_websocket_is_dialed_by_its_other_name(host: str) -> None:
    text = f"/{host}/tcp/4001/tls/ws/p2p/{PEER_ID}"
    target = parse_target(text, "test", Transport.WSS)
    assert target.text == text
    assert [str(found) for found in target.peer.addrs] == [f"/{host}/tcp/4001/wss"]


def test_a_websocket_address_with_a_server_name_is_refused_by_that_name() -> None:
    with pytest.raises(Failure, match="libp2p cannot dial an address with /sni/") as caught:
        parse_target(f"/ip4/127.0.0.1/tcp/4001/tls/sni/example.org/ws/p2p/{PEER_ID}", "test", Transport.WSS)
    assert caught.value.status is Status.ADDRESS


@given(st.text(max_size=200) | st.lists(st.sampled_from(["ip4", "127.0.0.1", "tcp", "1", "p2p", PEER_ID, "ws"])))
def test_any_text_is_either_a_target_or_a_failure(text: str | list[str]) -> None:
    text = text if isinstance(text, str) else "/" + "/".join(text)
    try:
        target = parse_target(text, "test", Transport.TCP)
    except Failure as failure:
        assert failure.status is Status.ADDRESS
    else:
        assert target.peer.peer_id == PEER
