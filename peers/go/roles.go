package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

// listen announces the node and answers pings until the context is cancelled.
func listen(ctx context.Context, s settings) error {
	local := localAddress(s.transport, s.ip)
	h, err := newNode(s, libp2p.ListenAddrStrings(local))
	if err != nil {
		return fail(noHost, "the libp2p host at %s: expected it to run, found: %v", local, err)
	}
	defer end(h)
	address, err := announcedAddress(h, s.ip)
	if err != nil {
		return err
	}
	r, err := openRendezvous(ctx, s)
	if err != nil {
		return err
	}
	if err := r.announce(ctx, address); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "peer-go: listening on %s, announced over %s\n", address, r.source)
	<-ctx.Done()
	return nil
}

// dial takes the listener's address, pings the listener once, and prints both times.
func dial(ctx context.Context, s settings) error {
	h, err := newNode(s, libp2p.NoListenAddrs)
	if err != nil {
		return fail(noHost, "the libp2p host: expected it to run, found: %v", err)
	}
	defer end(h)
	r, err := openRendezvous(ctx, s)
	if err != nil {
		return err
	}
	text, err := r.take(ctx)
	if err != nil {
		return err
	}
	info, err := target(text, r.source, s.transport)
	if err != nil {
		return err
	}
	all, one, err := measure(ctx, h, *info, fmt.Sprintf("%s (%s)", text, r.source))
	if err != nil {
		return err
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	const form = "latency:\n  handshake_plus_one_rtt: %.3f\n  ping_rtt: %.3f\n  unit: ms\n"
	if _, err := fmt.Printf(form, ms(all), ms(one)); err != nil {
		return fail(fault, "standard output: expected to write the result there, found: %v", err)
	}
	return nil
}

// measure dials and pings once. It returns the time of the dial and the ping together, and the time of the ping alone.
// Like every dial of go-libp2p, the dial waits for the protocol identify.
func measure(ctx context.Context, h host.Host, info peer.AddrInfo, where string) (all, one time.Duration, err error) {
	payload, pong := make([]byte, ping.PingSize), make([]byte, ping.PingSize)
	_, _ = rand.Read(payload) // this never fails
	start := time.Now()
	if err := h.Connect(ctx, info); err != nil {
		status := noDial
		if errors.As(err, &sec.ErrPeerIDMismatch{}) {
			status = otherPeer
		}
		if dialing := (*swarm.DialError)(nil); errors.As(err, &dialing) && len(dialing.DialErrors) > 0 {
			err = dialing.DialErrors[0].Cause // there is only one address
		}
		return 0, 0, found(ctx, err, status, where, "a connection", "dialing")
	}
	stream, err := h.NewStream(network.WithNoDial(ctx, "connected"), info.ID, ping.ID)
	if err != nil {
		return 0, 0, found(ctx, err, noDial, where, "a stream", "opening a stream to")
	}
	context.AfterFunc(ctx, func() { _ = stream.Reset() }) // this ends the read if the time is over
	sent := time.Now()
	if _, err = stream.Write(payload); err == nil {
		_, err = io.ReadFull(stream, pong)
	}
	pinged := time.Now()
	if err == nil && !bytes.Equal(pong, payload) {
		err = errors.New("other bytes")
	}
	if err != nil {
		return 0, 0, found(ctx, err, noPing, where, "the same 32 bytes as in the ping", "waiting for the pong of")
	}
	return pinged.Sub(start), pinged.Sub(sent), nil
}

// end closes the node, and waits until the node has closed, but not longer than grace.
func end(h host.Host) {
	ended := make(chan error, 1)
	go func() { ended <- h.Close() }()
	select {
	case <-ended:
	case <-time.After(grace):
	}
}
