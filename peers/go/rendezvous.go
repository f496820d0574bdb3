package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gomodule/redigo/redis"
)

// patience is the most time that a Redis may take to answer. If half of the test's time is shorter, that half counts.
const patience = 10 * time.Second

// rendezvous is a connection to the harness's Redis.
type rendezvous struct {
	connection  redis.Conn
	key, source string
}

func openRendezvous(ctx context.Context, s settings) (r rendezvous, err error) {
	r.key, r.source = s.key, fmt.Sprintf("Redis at %s, key %s", s.redis, s.key)
	ctx, cancel := context.WithTimeout(ctx, min(patience, s.timeout/2))
	defer cancel()
	if r.connection, err = redis.DialContext(ctx, "tcp", s.redis); err == nil {
		_, err = redis.DoContext(r.connection, ctx, "PING")
	}
	if err != nil {
		err = fail(noRendezvous, "%s: expected a Redis that answers PING, found: %v", r.source, err)
	}
	return r, err
}

// announce puts the address into the list that the dialer reads, and removes the address of an earlier run.
func (r rendezvous) announce(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := redis.DoContext(r.connection, ctx, "DEL", r.key)
	if err == nil {
		_, err = redis.DoContext(r.connection, ctx, "RPUSH", r.key, address)
	}
	if err != nil {
		err = fail(noRendezvous, "%s: expected it to accept our address, found: %v", r.source, err)
	}
	return err
}

// take waits for the listener's address and returns it.
func (r rendezvous) take(ctx context.Context) (string, error) {
	answer, err := redis.Strings(redis.DoContext(r.connection, ctx, "BLPOP", r.key, 0))
	if err == nil && len(answer) != 2 {
		err = fmt.Errorf("%d words", len(answer))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		<-ctx.Done() // the client has the same time limit and stopped first: wait until the test's time is over
	}
	if err != nil {
		return "", found(ctx, err, noRendezvous, r.source, "the listener's address", "waiting for the listener's address:")
	}
	return answer[1], nil
}
