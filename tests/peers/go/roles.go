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

// latency is what a dialer measures, on the monotonic clock.
type latency struct{ handshakePlusOneRTT, pingRTT time.Duration }

func (l latency) String() string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	const form = "latency:\n  handshake_plus_one_rtt: %.3f\n  ping_rtt: %.3f\n  unit: ms\n"
	return fmt.Sprintf(form, ms(l.handshakePlusOneRTT), ms(l.pingRTT))
}

// listen announces the node and answers pings until the context is cancelled.
func listen(ctx context.Context, s settings) error {
	local := localAddress(s.transport, s.ip)
	h, err := newNode(s, libp2p.ListenAddrStrings(local))
	if err != nil {
		return fail(noHost, "the libp2p host at %s: expected it to run, found: %v", local, err)
	}
	defer h.Close()
	address, err := announcedAddress(h, local, s.ip)
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

// dial takes the listener's address, pings it once, and prints what that took.
func dial(ctx context.Context, s settings) error {
	h, err := newNode(s, libp2p.NoListenAddrs)
	if err != nil {
		return fail(noHost, "the libp2p host: expected it to run, found: %v", err)
	}
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
	measured, err := measure(ctx, h, *info, fmt.Sprintf("%s (%s)", text, r.source))
	if err != nil {
		return err
	}
	if _, err := fmt.Print(measured); err != nil {
		return fail(fault, "standard output: expected it to take the result, found: %v", err)
	}
	h.Close()
	return nil
}

// measure dials, which awaits identify as go-libp2p's dials do, and pings once.
func measure(ctx context.Context, h host.Host, info peer.AddrInfo, where string) (latency, error) {
	payload := make([]byte, ping.PingSize)
	rand.Read(payload) // never fails
	start := time.Now()
	if err := h.Connect(ctx, info); err != nil {
		status := noDial
		if other := (sec.ErrPeerIDMismatch{}); errors.As(err, &other) {
			status = otherPeer
		}
		return latency{}, found(ctx, cause(err), status, where, "a connection", "dialing")
	}
	stream, err := h.NewStream(network.WithNoDial(ctx, "connected"), info.ID, ping.ID)
	if err != nil {
		return latency{}, found(ctx, err, noDial, where, "a stream", "opening a stream to")
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = stream.SetDeadline(deadline) // where it cannot, the process ends at that time
	}
	sent := time.Now()
	pong := make([]byte, ping.PingSize)
	if _, err = stream.Write(payload); err == nil {
		_, err = io.ReadFull(stream, pong)
	}
	end := time.Now()
	if err == nil && !bytes.Equal(pong, payload) {
		err = errors.New("other bytes")
	}
	if err != nil {
		return latency{}, found(ctx, err, noPing, where, "the 32 bytes of the ping back", "waiting for the pong of")
	}
	stream.Close()
	return latency{end.Sub(start), end.Sub(sent)}, nil
}

// cause is why the one address could not be dialed.
func cause(err error) error {
	if dialing := (*swarm.DialError)(nil); errors.As(err, &dialing) && len(dialing.DialErrors) > 0 {
		return dialing.DialErrors[0].Cause
	}
	return err
}
