package workcopy

import "github.com/kpm-sh/kpm/internal/home"

// Copies are the working copies of a home.
type Copies struct{ Home home.Home }
