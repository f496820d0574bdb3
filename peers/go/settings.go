package main

import (
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings holds the variables of unified-testing. With quic-v1 and webrtc-direct, the secure channel and the muxer
// are empty.
type settings struct {
	isDialer, debug                 bool
	transport, secureChannel, muxer string
	redis, key                      string
	ip                              netip.Addr
	timeout                         time.Duration
}

// standalone returns whether the transport has its own secure channel and muxer, as every transport over UDP has.
func standalone(transport string) bool { return transport == "quic-v1" || transport == "webrtc-direct" }

// reader reads variables, and keeps the failure of the first wrong variable.
type reader struct{ err error }

func readSettings() (s settings, err error) {
	var r reader
	s.isDialer = r.choice("IS_DIALER", "true", "false") == "true"
	s.transport = r.choice("TRANSPORT", "tcp", "ws", "wss", "quic-v1", "webrtc-direct")
	if !standalone(s.transport) {
		s.secureChannel = r.choice("SECURE_CHANNEL", "noise", "tls")
		s.muxer = r.choice("MUXER", "yamux")
	}
	s.redis = r.text("REDIS_ADDR", "HOST:PORT, a port from 1 to 65535", func(text string) bool {
		host, port, err := net.SplitHostPort(text)
		number, notNumber := strconv.ParseUint(port, 10, 16)
		return err == nil && host != "" && notNumber == nil && number > 0
	})
	s.key = r.text("TEST_KEY", "8 hexadecimal digits", func(text string) bool {
		_, err := hex.DecodeString(text)
		return err == nil && len(text) == 8
	}) + "_listener_multiaddr"
	if s.ip = netip.IPv4Unspecified(); isSet("LISTENER_IP") {
		r.text("LISTENER_IP", "an IP address to listen on", func(text string) bool {
			s.ip, err = netip.ParseAddr(text)
			return err == nil && s.ip.Zone() == ""
		})
	}
	if s.timeout = 180 * time.Second; isSet("TEST_TIMEOUT_SECS") {
		r.text("TEST_TIMEOUT_SECS", "a number of seconds, more than 0 and at most 86400", func(text string) bool {
			seconds, err := strconv.ParseFloat(text, 64)
			s.timeout = time.Duration(seconds * float64(time.Second))
			return err == nil && s.timeout > 0 && seconds <= 86_400
		})
	}
	s.debug = os.Getenv("DEBUG") != "" && r.choice("DEBUG", "true", "false") == "true"
	return s, r.err
}

func (r *reader) text(name, expected string, good func(string) bool) string {
	text, set := os.LookupEnv(name)
	if !good(text) && r.err == nil {
		what := "nothing (unset)"
		if set {
			what = strconv.QuoteToASCII(text[:min(len(text), 60)])
		}
		r.err = fail(badSettings, "%s: expected %s, found %s in the environment", name, expected, what)
	}
	return text
}

func (r *reader) choice(name string, choices ...string) string {
	good := func(text string) bool { return slices.Contains(choices, text) }
	return r.text(name, "one of "+strings.Join(choices, ", "), good)
}

func isSet(name string) bool {
	_, set := os.LookupEnv(name)
	return set
}
