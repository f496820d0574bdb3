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

// told is what may stand between the IP address and the peer ID; the first is what we listen on.
var told = map[string][]string{
	"tcp":     {"tcp"},
	"ws":      {"tcp/ws"},
	"wss":     {"tcp/tls/ws", "tcp/wss"},
	"quic-v1": {"udp/quic-v1"},
}

// localAddress is the multiaddr to listen on, the port for the system to choose.
func localAddress(transport string, ip netip.Addr) string {
	family := "ip4"
	if ip.Is6() {
		family = "ip6"
	}
	layer, rest, _ := strings.Cut(told[transport][0], "/")
	return strings.TrimSuffix(fmt.Sprintf("/%s/%s/%s/0/%s", family, ip, layer, rest), "/")
}

// announcedAddress is where others reach us: not loopback, unless we listen there alone.
func announcedAddress(h host.Host, listening string, ip netip.Addr) (string, error) {
	addresses, err := h.Network().InterfaceListenAddresses()
	if err != nil {
		return "", fail(badAddress, "%s: expected the addresses that we listen on, found: %v", listening, err)
	}
	for _, address := range addresses {
		if ip.IsLoopback() || !manet.IsIPLoopback(address) && !manet.IsIP6LinkLocal(address) {
			return fmt.Sprintf("%s/p2p/%s", address, h.ID()), nil
		}
	}
	return "", fail(badAddress, "%s: expected an address other than loopback on this machine, found %v", listening, addresses)
}

// target judges the announced multiaddr.
func target(text, source, transport string) (*peer.AddrInfo, error) {
	bad := func(why any) error {
		expected := fmt.Sprintf("the listener's %s multiaddr with its peer ID, /ip4/…/%s/p2p/…", transport, told[transport][0])
		return fail(badAddress, "%s: expected %s, found %s: %v", source, expected, shown(text), why)
	}
	if len(text) > 2000 {
		return nil, bad(fmt.Sprintf("it is %d characters long", len(text)))
	}
	address, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return nil, bad(err)
	}
	var names []string
	for _, protocol := range address.Protocols() {
		names = append(names, protocol.Name)
	}
	info, err := peer.AddrInfoFromP2pAddr(address)
	if err != nil {
		return nil, bad(err)
	}
	network := []string{"ip4", "ip6", "dns", "dns4", "dns6"}
	if !slices.Contains(network, names[0]) || !slices.Contains(told[transport], strings.Join(names[1:len(names)-1], "/")) {
		return nil, bad("it is of another transport: " + strings.Join(names, "/"))
	}
	return info, nil
}
