package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	libp2pwebrtc "github.com/libp2p/go-libp2p/p2p/transport/webrtc"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
)

// newNode returns a host with only the transport, secure channel and muxer of the test. The host answers pings.
func newNode(s settings, addresses libp2p.Option) (host.Host, error) {
	certificate, err := newCertificate()
	if err != nil {
		return nil, err
	}
	server := &tls.Config{Certificates: []tls.Certificate{certificate}}
	// The client accepts any certificate, because the secure channel above TLS checks who the peer is.
	client := &tls.Config{InsecureSkipVerify: true} // peers sign their own certificates
	transport := map[string]libp2p.Option{
		"tcp":           libp2p.Transport(tcp.NewTCPTransport),
		"ws":            libp2p.Transport(websocket.New),
		"wss":           libp2p.Transport(websocket.New, websocket.WithTLSConfig(server), websocket.WithTLSClientConfig(client)),
		"quic-v1":       libp2p.Transport(quic.NewTransport),
		"webrtc-direct": libp2p.Transport(libp2pwebrtc.New),
	}
	channel := map[string]libp2p.Option{
		"noise": libp2p.Security(noise.ID, noise.New),
		"tls":   libp2p.Security(libp2ptls.ID, libp2ptls.New),
	}
	muxer := map[string]libp2p.Option{"yamux": libp2p.Muxer(yamux.ID, yamux.DefaultTransport)}
	return libp2p.New( // without an option for the identity, it is a new Ed25519 key
		transport[s.transport], channel[s.secureChannel], muxer[s.muxer], addresses,
		libp2p.ResourceManager(&network.NullResourceManager{}), libp2p.DisableMetrics(), libp2p.DisableRelay(),
		// The library stops a dial on one machine after 5 s. Here the test's time is the limit.
		libp2p.SwarmOpts(swarm.WithDialTimeout(s.timeout), swarm.WithDialTimeoutLocal(s.timeout)),
	)
}

// newCertificate returns a new self-signed certificate for localhost, which is valid for a day.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
