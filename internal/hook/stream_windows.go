package hook

import (
	"context"
	"os"
	"os/exec"
)

// openStream lets the hook read the console itself: it is not confined here,
// and the user allowed that.
func openStream(in *os.File) (*stream, error) {
	return pipeStream(in)
}

func (st *stream) own(cmd *exec.Cmd) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = st.stdin, st.stdout, st.stdout
}

func (st *stream) answer(context.Context, *os.File, func()) error { return nil }
