package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// told holds, by transport, the protocols between the IP address and the peer ID of a multiaddr. A listener announces
// the first form.
var told = map[string][]string{
	"tcp":           {"tcp"},
	"ws":            {"tcp/ws"},
	"wss":           {"tcp/wss", "tcp/tls/ws"},
	"quic-v1":       {"udp/quic-v1"},
	"webrtc-direct": {"udp/webrtc-direct/certhash", "udp/webrtc-direct/certhash/certhash"},
}

// localAddress returns the multiaddr to listen on. Its port is 0, so that the system chooses one.
func localAddress(transport string, ip netip.Addr) string {
	family := map[bool]string{true: "ip4", false: "ip6"}[ip.Is4()]
	layers := strings.Split(strings.TrimSuffix(told[transport][0], "/certhash"), "/")
	return strings.Join(append([]string{"", family, ip.String(), layers[0], "0"}, layers[1:]...), "/")
}

// announcedAddress returns a multiaddr that other machines can reach. If the node listens only on loopback, it returns
// the loopback address.
func announcedAddress(h host.Host, ip netip.Addr) (string, error) {
	addresses, err := h.Network().InterfaceListenAddresses()
	for _, address := range addresses {
		if ip.IsLoopback() || !manet.IsIPLoopback(address) && !manet.IsIP6LinkLocal(address) {
			return address.String() + "/p2p/" + h.ID().String(), nil
		}
	}
	const expected = "an address other than loopback on this machine"
	return "", fail(badAddress, "LISTENER_IP=%s: expected %s, found %v (%v)", ip, expected, addresses, err)
}

// target parses the announced multiaddr, and fails if the transport cannot dial it.
func target(text, source, transport string) (*peer.AddrInfo, error) {
	address, err := multiaddr.NewMultiaddr(text)
	if err == nil {
		var names []string
		for _, protocol := range address.Protocols() {
			names = append(names, protocol.Name)
		}
		network := []string{"ip4", "ip6", "dns", "dns4", "dns6"}
		if !slices.Contains(network, names[0]) || !slices.Contains(told[transport], strings.Join(names[1:max(1, len(names)-1)], "/")) {
			err = fmt.Errorf("it is for another transport or has no peer ID: %s", strings.Join(names, "/"))
		}
	}
	var info *peer.AddrInfo
	if err == nil {
		info, err = peer.AddrInfoFromP2pAddr(address)
	}
	if err != nil {
		expected := fmt.Sprintf("the listener's %s multiaddr with its peer ID, /ip4/…/%s/p2p/…", transport, told[transport][0])
		return nil, fail(badAddress, "%s: expected %s, found %.60q: %v", source, expected, text, err)
	}
	return info, nil
}
