package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDistinct(t *testing.T) {
	got := distinct([]string{
		`a: Invalid value: {"Rule":"self.b > 1","Message":""}: undefined field 'b'`,
		`a: Invalid value: {"a":"b"}: no`,
		"b: too long",
		"b: too long",
	})
	want := []string{`a: Invalid value: "self.b > 1": undefined field 'b'`, `a: Invalid value: {"a":"b"}: no`, "b: too long"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
