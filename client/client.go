package client

import (
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
)

// Client works on one home. Home and Now are needed; it is safe for concurrent
// use.
type Client struct {
	Home    home.Home
	Now     func() time.Time
	Version *semver.Version // of kpm; nil is one that every Kube accepts
	Offline bool            // use no network; only what is at hand

	Fetch fetch.Options                // of every source, without a credential
	Netrc []byte                       // content of ~/.netrc
	Token func(variable string) string // what the variable of --token-env holds

	Notice   func(Notice)            // nil: nobody listens
	Progress func(done, total int64) // of a download, in bytes; nil: nobody listens
}

// Notice is something that the user should know, though the work goes on.
// Warning notices say that something is wrong.
type Notice struct {
	Text    string
	Warning bool
}

func (c *Client) note(text string) { c.tell(Notice{Text: text}) }
func (c *Client) warn(text string) { c.tell(Notice{Text: text, Warning: true}) }

func (c *Client) tell(n Notice) {
	if c.Notice != nil {
		c.Notice(n)
	}
}
