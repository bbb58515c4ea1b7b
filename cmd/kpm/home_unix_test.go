//go:build unix && !darwin

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOpenPage: only an address of the web is handed to the opener, as one argument.
func TestOpenPage(t *testing.T) {
	bin, told := t.TempDir(), filepath.Join(t.TempDir(), "told")
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" >"+told+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	desktop := &stdio{getenv: func(name string) string { return map[string]string{"DISPLAY": ":0"}[name] }}
	for address, want := range map[string]string{
		"https://example.org/a b?x=$(id)&y=`id`;z": "1|https://example.org/a%20b?x=$(id)&y=`id`;z|",
		"http://example.org":                       "1|http://example.org|",
		"javascript:alert(1)":                      "", "file:///etc/passwd": "", "mailto:a@example.org": "", "--help": "", "https:///x": "", "https://%zz": "", "HTTPS ://x": "", "$(id)": "", "": "",
	} {
		if err := os.RemoveAll(told); err != nil {
			t.Fatal(err)
		}
		opened := openPage(t.Context(), desktop, address)
		got, err := os.ReadFile(told)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if string(got) != want || opened != (want != "") {
			t.Errorf("%q: opened %v, the opener was told %q, want %q", address, opened, got, want)
		}
	}
	if openPage(t.Context(), &stdio{getenv: func(string) string { return "" }}, "https://example.org") {
		t.Error("opened without a desktop")
	}
}
