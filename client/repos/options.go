package repos

import (
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
)

// Options are what the repositories of a home share. Home and Now are needed.
type Options struct {
	Home    home.Home
	Now     func() time.Time
	Version *semver.Version // of kpm; nil is one that every Kube accepts
	Offline bool            // use no network; only what is at hand

	Fetch fetch.Options                // of every source, without a credential
	Netrc []byte                       // content of ~/.netrc
	Token func(variable string) string // what the variable of --token-env holds

	Notice   func(Notice)            // nil: nobody listens
	Progress func(done, total int64) // of a download, in bytes; nil: nobody listens

	onOpen func(what string) // tests count what is opened and verified; nil: nobody does
}

// Notice is something that the user should know, though the work goes on.
// Warning notices say that something is wrong.
type Notice struct {
	Text    string
	Warning bool
	Err     error // what Text says of, where something can be done about it
}

func (o *Options) note(text string) { o.tell(Notice{Text: text}) }
func (o *Options) warn(text string) { o.tell(Notice{Text: text, Warning: true}) }

func (o *Options) tell(n Notice) {
	if o.Notice != nil {
		o.Notice(n)
	}
}

func (o *Options) count(what string) {
	if o.onOpen != nil {
		o.onOpen(what)
	}
}
