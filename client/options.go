package client

import (
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Options say how to change an installation.
type Options struct {
	Values             Values
	Pre                bool // a pre-release will do
	InstallMissing     bool // of an upgrade: install what is not installed
	ResetValues        bool // of an upgrade: drop the values that were set before
	CreateNamespace    bool
	ForceConflicts     bool     // take fields from other managers
	UseCRD             []string // definitions of others to use as they are, by name
	AllowClusterScoped bool     // where it is installed already, new objects out of the namespace may come; admission labels of shared namespaces may change
	Adopt              []string // objects of nobody to take over, as KIND/NAME
	AcceptRecorded     []string // installations, as NAMESPACE/NAME, of which the record counts although nothing confirms it
	MayUndo            bool     // Undo may follow
	HookFiles          string   // folder with what counts as written by the hook, which is not run; "": none
	RunHook            bool     // the hook runs, also where what it wrote before would count: that is forgotten
	Purge              bool     // of an uninstall: claims, definitions and namespaces, too
	DryRun             bool     // wait for nobody, unpack nothing
	Holder             history.Holder
	Patience           time.Duration // to wait for somebody else at work; 0: without end
	Journal            *Journal      // is told what is done; nil: nobody asks
}

// Wait says whether to wait for what was done to take effect, and how long.
type Wait struct {
	Wanted  bool
	Timeout time.Duration
	Waiting func(ready.Waiting) // is told what is waited for; nil: nobody is

	held time.Duration // that long for what nothing but finalizers hold; 0: as for all else
}

// Question is something that only the user can decide.
type Question struct {
	Facts []string // what the decision is about, a line each
	Ask   string   // the question itself

	InPerson bool // no general yes answers it
}
