//go:build !linux && !darwin

package hook

import (
	"context"
	"errors"
	"os/exec"
)

// levels are those that this system may offer: none.
func levels() []Level { return nil }

// Main is where the process that confines itself begins. There is none on this
// system: ok is false, and the program goes on.
func Main([]string) (code int, ok bool) { return 0, false }

func (s *session) start(ctx context.Context, level Level, st *stream) (*exec.Cmd, error) {
	if level != Unconfined {
		return nil, &setupError{level, errors.New("kpm confines hooks on Linux and macOS")}
	}
	at, err := s.onDisk()
	if err != nil {
		return nil, err
	}
	cmd := s.unconfined(at)
	st.own(cmd)
	return cmd, cmd.Start()
}
