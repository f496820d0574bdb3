package main

import (
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are the variables of unified-testing; a standalone transport has neither channel nor muxer.
type settings struct {
	isDialer      bool
	redis         string
	key           string
	transport     string
	secureChannel string
	muxer         string
	ip            netip.Addr
	timeout       time.Duration
	debug         bool
}

var (
	transports     = []string{"tcp", "ws", "wss", "quic-v1"}
	secureChannels = []string{"noise", "tls"}
	muxers         = []string{"yamux"}
)

// reader reads variables until one is bad, and keeps that one's failure.
type reader struct{ err error }

func readSettings() (settings, error) {
	var r reader
	s := settings{
		isDialer:  r.truth("IS_DIALER", ""),
		transport: r.choice("TRANSPORT", transports),
	}
	if s.transport != "quic-v1" {
		s.secureChannel = r.choice("SECURE_CHANNEL", secureChannels)
		s.muxer = r.choice("MUXER", muxers)
	}
	s.redis = r.matching("REDIS_ADDR", "", "HOST:PORT, a port from 1 to 65535", isHostPort)
	s.key = r.matching("TEST_KEY", "", "8 hexadecimal digits", regexp.MustCompile(`^[0-9a-fA-F]{8}$`).MatchString)
	s.key += "_listener_multiaddr"
	s.ip, _ = netip.ParseAddr(r.matching("LISTENER_IP", "0.0.0.0", "an IP address to listen on", isIP))
	seconds := r.matching("TEST_TIMEOUT_SECS", "180", "seconds, more than 0 and at most 86400", isSeconds)
	number, _ := strconv.ParseFloat(seconds, 64)
	s.timeout = time.Duration(number * float64(time.Second))
	s.debug = r.truth("DEBUG", "false")
	return s, r.err
}

func (r *reader) matching(name, unset, expected string, good func(string) bool) string {
	value, isSet := os.LookupEnv(name)
	if !isSet && unset != "" || name == "DEBUG" && value == "" {
		return unset
	}
	if !good(value) && r.err == nil {
		what := "nothing (unset)"
		if isSet {
			what = shown(value)
		}
		r.err = fail(badSettings, "%s: expected %s, found %s in the environment", name, expected, what)
	}
	return value
}

func (r *reader) truth(name, unset string) bool {
	is := func(value string) bool { return strings.EqualFold(value, "true") || strings.EqualFold(value, "false") }
	return strings.EqualFold(r.matching(name, unset, "true or false", is), "true")
}

func (r *reader) choice(name string, choices []string) string {
	is := func(value string) bool { return slices.Contains(choices, value) }
	return r.matching(name, "", "one of "+strings.Join(choices, ", "), is)
}

func isHostPort(value string) bool {
	host, port, err := net.SplitHostPort(value)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	return err == nil && host != "" && notNumber == nil && number > 0
}

func isIP(value string) bool {
	ip, err := netip.ParseAddr(value)
	return err == nil && ip.Zone() == ""
}

var aNumber = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,6})?$`)

func isSeconds(value string) bool {
	number, err := strconv.ParseFloat(value, 64)
	return aNumber.MatchString(value) && err == nil && number > 0 && number <= 86_400
}
