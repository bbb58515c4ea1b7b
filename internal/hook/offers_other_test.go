//go:build !linux

package hook

import "runtime"

func offers(Level) bool { return runtime.GOOS == "darwin" }
