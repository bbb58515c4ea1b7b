package main

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// given takes a text that must not be empty. An empty one comes from a script in
// which a variable is not set, and would mean something else than was meant.
func given(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("text", &text); err != nil {
		return err
	}
	if text == "" {
		return fmt.Errorf("it is empty: leave it out, or see that a variable is set")
	}
	target.SetString(text)
	return nil
}

// span takes a time that is not below zero.
func span(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("time", &text); err != nil {
		return err
	}
	d, err := parseSpan(text)
	target.SetInt(int64(d))
	return err
}

// parseSpan reads a time as in 1m30s; a bare number is seconds.
func parseSpan(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if seconds, bare := strconv.Atoi(text); bare == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no time: write 5s, 1m or 0", text)
	}
	return d, nil
}
