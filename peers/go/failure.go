package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// The exit statuses of docs/reference/harness.md. If a signal ends a dialer, the status is 128 plus the signal's
// number.
const (
	fault = iota + 1
	badSettings
	noRendezvous
	badAddress
	noDial
	otherPeer
	noPing
	timeIsUp
	noHost
)

// failure is one printable line: the source, the expected state, and the state found.
type failure struct {
	status int
	line   string
}

func (f *failure) Error() string { return f.line }

func fail(status int, format string, values ...any) error {
	line := strings.Map(func(sign rune) rune {
		if unicode.IsPrint(sign) {
			return sign
		}
		return ' '
	}, fmt.Sprintf(format, values...))
	return &failure{status, fmt.Sprintf("%.1000s", strings.Join(strings.Fields(line), " "))} // a peer may have written a part of the line
}

// found returns the failure of a step that waits. If the test's time is over, the failure has the status timeIsUp.
func found(ctx context.Context, err error, status int, where, expected, doing string) error {
	if late := (*failure)(nil); errors.As(context.Cause(ctx), &late) {
		return fail(late.status, "%v: still %s %s", late, doing, where)
	}
	return fail(status, "%s: expected %s, found: %v", where, expected, err)
}
