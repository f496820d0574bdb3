package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
)

// newNode is a host of the one transport, channel and muxer of the test; it answers pings by itself.
func newNode(s settings, local libp2p.Option) (host.Host, error) {
	identity, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	options := []libp2p.Option{
		libp2p.Identity(identity),
		libp2p.ResourceManager(&network.NullResourceManager{}),
		libp2p.DisableMetrics(),
		libp2p.DisableRelay(),
		// A dial may take as long as the test: the limit is the harness's.
		libp2p.SwarmOpts(swarm.WithDialTimeout(s.timeout), swarm.WithDialTimeoutLocal(s.timeout)),
		local,
	}
	switch s.transport {
	case "tcp":
		options = append(options, libp2p.Transport(tcp.NewTCPTransport))
	case "ws":
		options = append(options, libp2p.Transport(websocket.New))
	case "wss":
		certificate, err := newCertificate()
		if err != nil {
			return nil, err
		}
		server := &tls.Config{Certificates: []tls.Certificate{certificate}}
		client := &tls.Config{InsecureSkipVerify: true} // peers of a test sign their own; the channel above tells who it is
		configs := []any{websocket.WithTLSConfig(server), websocket.WithTLSClientConfig(client)}
		options = append(options, libp2p.Transport(websocket.New, configs...))
	case "quic-v1":
		options = append(options, libp2p.Transport(quic.NewTransport))
	}
	switch s.secureChannel {
	case "noise":
		options = append(options, libp2p.Security(noise.ID, noise.New))
	case "tls":
		options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
	}
	if s.muxer == "yamux" {
		options = append(options, libp2p.Muxer(yamux.ID, yamux.DefaultTransport))
	}
	return libp2p.New(options...)
}

// newCertificate is a fresh self-signed certificate for localhost, valid for a day.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
