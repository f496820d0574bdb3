// A ping test's listener or dialer on go-libp2p; docs/harness.md has the contract.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p/gologshim"
)

// grace is what the library may take beyond the test's time, or to close.
const grace = 500 * time.Millisecond

func main() {
	err := run()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "peer-go:", err)
	if known := (*failure)(nil); errors.As(err, &known) {
		os.Exit(known.status)
	}
	os.Exit(fault)
}

// run plays the role of the settings to its end.
func run() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	s, err := readSettings()
	if err != nil {
		return err
	}
	logToStderr(s.debug)
	ctx, cancel := context.WithCancel(context.Background())
	role, overdue := listen, (<-chan time.Time)(nil)
	if s.isDialer {
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		role, overdue = dial, time.After(s.timeout+grace)
	}
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- role(ctx, s) }()
	select {
	case err := <-done:
		return err
	case <-overdue:
		return fail(timeIsUp, "expected a result within %v, found none: the library does not stop", s.timeout)
	case stop := <-signals:
		if s.isDialer {
			return fail(128+int(stop.(syscall.Signal)), "expected a result, found signal %d (%v) before there was one", stop, stop)
		}
		cancel()
		select {
		case err = <-done:
		case <-time.After(grace):
		}
		return err
	}
}

// logToStderr has the libraries' logs there with DEBUG, else nowhere: a failure is one line.
func logToStderr(debug bool) {
	if !debug {
		log.SetOutput(io.Discard)
		gologshim.SetDefaultHandler(slog.DiscardHandler)
		return
	}
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	gologshim.SetDefaultHandler(slog.NewTextHandler(os.Stderr, options))
}
