package hook

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// drainFor is how long output may take once the hook is dead.
const drainFor = 2 * time.Second

// attempt runs the hook at one level, and returns once all its processes are
// dead and its output is shown. It is a setupError if the level cannot be had.
func (s *session) attempt(ctx context.Context, level Level) error {
	runtime.LockOSThread() // on Linux the hook dies with the thread that started it
	defer runtime.UnlockOSThread()
	st, err := openStream(s.call.In)
	if err != nil {
		return fmt.Errorf("making a terminal for it: %w", err)
	}
	defer st.close()
	ctx, end := s.limited(ctx)
	defer end(nil)
	cmd, err := s.start(ctx, level, st)
	st.closeHook()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause // it had to end: nothing is missing
	}
	if err != nil {
		return err
	}
	var guests sync.WaitGroup
	out := newPrinter(s.call.Out, s.call.Kube.Name, s.call.Width)
	shown := s.attend(ctx, end, st, out, &guests)
	stop := context.AfterFunc(ctx, func() { kill(cmd) })
	err = cmd.Wait()
	stop()
	if level == Unconfined {
		endGroup(cmd)
	}
	select {
	case <-shown:
	case <-time.After(drainFor):
		st.close()
	}
	cause := context.Cause(ctx)
	end(nil)
	guests.Wait()
	return s.ended(err, cause, &out.last)
}

// limited gives a context that ends when the hook has to. A cause given to end
// is why.
func (s *session) limited(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, timeUp := context.WithTimeoutCause(ctx, s.timeout(),
		fmt.Errorf("it took longer than %s: %w", s.timeout(), context.DeadlineExceeded))
	ctx, end := context.WithCancelCause(ctx)
	return ctx, func(cause error) {
		end(cause)
		timeUp()
	}
}

func (s *session) timeout() time.Duration {
	if s.call.Timeout > 0 {
		return s.call.Timeout
	}
	return DefaultTimeout
}

// attend serves a running hook: its output, the user's answers, the size of its
// copy. Output is shown to the end when the channel closes; the guests leave
// when ctx ends.
func (s *session) attend(ctx context.Context, end context.CancelCauseFunc, st *stream, out *printer, guests *sync.WaitGroup) <-chan struct{} {
	shown := make(chan struct{})
	guests.Go(func() {
		defer close(shown)
		st.show(out, end)
	})
	guests.Go(func() {
		if err := st.answer(ctx, s.call.In, out.answered); err != nil {
			end(err)
		}
	})
	if s.judging != nil {
		guests.Go(func() {
			if err := s.judging(ctx, end); err != nil {
				end(err)
			}
		})
	}
	if s.copied.watched {
		guests.Go(func() {
			if err := s.bounds.watch(ctx, s.copied.root); err != nil {
				end(err)
			}
		})
	}
	return shown
}

// ended is what became of a hook that ended with err, in words that follow
// its name. cause is why it had to end, if it had to, and last what it said then.
func (s *session) ended(err, cause error, last *failure) error {
	if cause != nil {
		return cause
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if !exit.Exited() && tookAll(exit.UserTime()+exit.SystemTime()) {
		return fmt.Errorf("it used %d seconds of a processor, which is all that it may", maxCPU)
	}
	err = fmt.Errorf("it ended with %w%s", exit, last)
	if s.copied.full == nil {
		return err
	}
	if full := s.copied.full(); full != nil {
		return fmt.Errorf("%w: %w", err, full)
	}
	return err
}

// onDisk makes the copy in the box, unless a level that could not be had did.
func (s *session) onDisk() (places, error) {
	if s.copied != nil {
		return s.copied.at, nil
	}
	made, err := onDisk(s.box.dir, s.call.Kube, s.call.Previous)
	if err != nil {
		return places{}, err
	}
	s.copied = made
	return made.at, nil
}

// unconfined is the command that runs the hook as any other program.
func (s *session) unconfined(at places) *exec.Cmd {
	cmd := exec.Command(s.python.Path, arguments()...)
	cmd.Dir = at.kube
	cmd.Env = environ(s.call, at)
	return cmd
}
