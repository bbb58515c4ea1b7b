package client

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Unfit asks before something new is put beside a claim that an earlier installation
// left: what the claim holds was made with the old password, and opens with no other.
// It is nil when all fits, or when there is no such claim. made says that the hook made
// what does not fit: nobody decided that, so no general yes answers it.
//
// It is known once there is a plan.
func (in *Installing) Unfit() (q *Question, made bool) {
	anew := len(in.hook.wrote) > 0 && (in.before == nil || len(in.before.HookFiles) == 0)
	var facts []string
	for _, f := range in.plan.Found {
		for _, secret := range f.Other {
			facts = append(facts, fmt.Sprintf("%s holds data that was made with %s as it is now, which will be changed", f.Ref, secret))
		}
		if !anew {
			continue
		}
		for _, secret := range f.New {
			facts = append(facts, fmt.Sprintf("%s holds data of an earlier installation, and the hook has made a new %s, which it was not made with", f.Ref, secret))
		}
	}
	if len(facts) == 0 {
		return nil, false
	}
	return &Question{Facts: facts, Ask: "What it holds may never open again. Go on?"}, anew
}

// Found are the claims that a first install found, and will use with what they hold.
func (in *Installing) Found() []cluster.Found { return in.plan.Found }
