package indexer

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Options say what to publish, where, and as whom.
type Options struct {
	Packages  fs.FS
	Site      string          // folder of the site
	Signers   []signer.Signer // who signs: as many of role index as it asks for, and one of provenance and tests
	Trust     string          // folder of trust documents to publish, "" for those in the site
	Name      string          // signed name of the repository, "" for that of the trust documents
	Previous  string          // URL of what is published, "" for the site itself
	First     bool            // start a repository
	AtLeast   int64           // refuse a previous head with a lower seq
	ExpiresIn time.Duration   // life of the head, at most MaxLife
	KeepGoing bool            // publish what can be, in spite of refused Kubes
	Hold      bool            // refuse every new release
	Commit    string          // of the packages repository, "" outside git
	Evidence  []fs.FS         // folders of unsigned test results, to be signed
	URL       string          // where the site is served, "" where nobody says
	Source    string          // where the packages repository is developed, "" where nobody says
	Draw      Draw            // draws the web site, nil for none
	Drawn     string          // by what it is drawn, and with which settings: pages of another are all drawn again
	Now       time.Time
	Fetch     fetch.Options
	Images    *registry.Client // says what the images of new releases are; nil: they stay unresolved
	// RequireImages refuses a Kube of which an image cannot be resolved.
	RequireImages bool
	Report        Report
}

// MaintainOptions say which published site is looked after.
type MaintainOptions struct {
	Site   string // folder, or URL for an audit
	Trust  string // folder of trust documents, "" for those of the site
	Now    time.Time
	Fetch  fetch.Options
	Report Report
}

// Result is what a publish did.
type Result struct {
	Head     *index.Head
	Released []string      // "NAME VERSION" of the new releases
	Gone     []string      // names that were taken away
	Tested   []string      // "NAME VERSION on Kubernetes SERVER", and whether it failed, of the test results that are new
	Marked   []string      // what became of releases: "NAME VERSION is yanked: REASON", "NAME VERSION is no longer yanked"
	Refused  kube.Problems // why other Kubes keep what they had published
	Files    int           // written
	Warnings []string
	Renewal  time.Time   // when the newest trust document expires
	From     *index.Head // whose state Restore signed again
}

func (r *Result) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// MaxLife is how long a head may live.
const MaxLife = 35 * 24 * time.Hour

// CheckLife refuses a life of a head that clients would cut.
func CheckLife(d time.Duration) error {
	if d <= 0 || d > MaxLife {
		return fmt.Errorf("a head lives more than 0 and at most %gh, not %s", MaxLife.Hours(), d)
	}
	return nil
}

// ErrNoSite says that there is no published head where one is needed.
var ErrNoSite = errcode.New(errcode.NoSite, "no published site")
