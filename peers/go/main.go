// This program is the listener or the dialer of a ping test, with go-libp2p. docs/reference/harness.md lists the
// variables and the exit statuses.
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

// grace is the time limit of the library after the test's time is over, and the time limit for closing the node.
const grace = 400 * time.Millisecond

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

// run plays the role of the settings until the role ends, or until a signal stops this program.
func run() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	s, err := readSettings()
	if err != nil {
		return err
	}
	// Only DEBUG shows the logs of the libraries. Without DEBUG, a failure prints one line only.
	handler := slog.DiscardHandler
	if s.debug {
		handler = slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})
	} else {
		log.SetOutput(io.Discard)
	}
	gologshim.SetDefaultHandler(handler)

	ctx, cancel := context.WithCancel(context.Background())
	role, overdue := listen, (<-chan time.Time)(nil)
	if s.isDialer {
		late := fail(timeIsUp, "expected a result within %v, found none", s.timeout)
		ctx, cancel = context.WithTimeoutCause(ctx, s.timeout, late)
		role, overdue = dial, time.After(s.timeout+2*grace)
	}
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- role(ctx, s) }()
	select {
	case err := <-done:
		return err
	case <-overdue:
		return context.Cause(ctx)
	case stop := <-signals:
		if s.isDialer {
			number := int(stop.(syscall.Signal))
			return fail(128+number, "expected a result, found signal %d before the ping came back", number)
		}
		cancel()
		<-done
		return nil
	}
}
