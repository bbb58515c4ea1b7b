package client

import (
	"time"

	"github.com/kpm-sh/kpm/client/imageset"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/home"
)

// Client works on one home and its repositories. All but Notice is needed; it is
// safe for concurrent use.
type Client struct {
	Home   home.Home
	Now    func() time.Time
	Repos  *repos.Set
	Notice func(repos.Notice) // nil: nobody listens

	ImageMirror imageset.Mirror // where images come from
}

func (c *Client) note(text string) { c.tell(repos.Notice{Text: text}) }
func (c *Client) warn(text string) { c.tell(repos.Notice{Text: text, Warning: true}) }

func (c *Client) tell(n repos.Notice) {
	if c.Notice != nil {
		c.Notice(n)
	}
}
