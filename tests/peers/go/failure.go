package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Exit statuses, as docs/harness.md has them; a signal that ends a dialer adds 128 to its number.
const (
	fault        = 1
	badSettings  = 2
	noRendezvous = 3
	badAddress   = 4
	noDial       = 5
	otherPeer    = 6
	noPing       = 7
	timeIsUp     = 8
	noHost       = 9
)

// failure is one printable line: what was expected, what was found, where it came from.
type failure struct {
	status int
	line   string
}

func (f *failure) Error() string { return f.line }

func fail(status int, format string, values ...any) error {
	line := strings.Join(strings.Fields(fmt.Sprintf(format, values...)), " ")
	printable := strings.Map(func(sign rune) rune {
		if unicode.IsPrint(sign) {
			return sign
		}
		return '?'
	}, line)
	return &failure{status, printable[:min(len(printable), 1000)]} // of a peer's making, in part
}

// found is the failure of a step that may take as long as the test does: that of the time, if it is up.
func found(ctx context.Context, err error, status int, where, expected, doing string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fail(timeIsUp, "expected a result in time, found none: still %s %s", doing, where)
	}
	return fail(status, "%s: expected %s, found: %v", where, expected, err)
}

// shown is a value as a failure's line has it: quoted, printable, never long.
func shown(value string) string {
	if len(value) > 60 {
		value = value[:57] + "..."
	}
	return strconv.QuoteToASCII(value)
}
