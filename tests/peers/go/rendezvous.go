package main

import (
	"context"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
)

// patience is how long a Redis may take to answer, or half of the test's time if that is less.
const patience = 10 * time.Second

// rendezvous is a connection to the harness's Redis.
type rendezvous struct {
	connection redis.Conn
	key        string
	source     string
}

func openRendezvous(ctx context.Context, s settings) (*rendezvous, error) {
	r := &rendezvous{key: s.key, source: fmt.Sprintf("Redis at %s, key %s", s.redis, s.key)}
	ctx, cancel := context.WithTimeout(ctx, min(patience, s.timeout/2))
	defer cancel()
	connection, err := redis.DialContext(ctx, "tcp", s.redis)
	if err != nil {
		return nil, fail(noRendezvous, "%s: expected a Redis that accepts connections, found: %v", r.source, err)
	}
	r.connection = connection
	if _, err := redis.DoContext(connection, ctx, "PING"); err != nil {
		return nil, fail(noRendezvous, "%s: expected an answer to PING, found: %v", r.source, err)
	}
	return r, nil
}

// announce puts the address where one dialer takes it, in place of what an earlier run left.
func (r *rendezvous) announce(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, command := range [][]any{{"DEL", r.key}, {"RPUSH", r.key, address}} {
		if _, err := redis.DoContext(r.connection, ctx, command[0].(string), command[1:]...); err != nil {
			return fail(noRendezvous, "%s: expected it to take %s, found: %v", r.source, command[0], err)
		}
	}
	return nil
}

// take waits for the listener's address.
func (r *rendezvous) take(ctx context.Context) (string, error) {
	answer, err := redis.Strings(redis.DoContext(r.connection, ctx, "BLPOP", r.key, 0))
	if err == nil && len(answer) != 2 {
		err = fmt.Errorf("%d words", len(answer))
	}
	if err != nil {
		return "", found(ctx, err, noRendezvous, r.source, "the listener's address", "waiting for it:")
	}
	return answer[1], nil
}
