package index

// Record is one line of the index: what `search` and `info` show of a Kube's
// newest release. Of a Kube that is gone only Name, Rev, Gone and Doc remain.
//
// A line is written once: while the record does not change, its bytes are
// carried verbatim from head to head. A client ignores keys that it does not
// know; what it must know before it installs is listed in Needs.
type Record struct {
	Name         string       `json:"name"`
	Rev          int64        `json:"rev"`
	Gone         string       `json:"gone,omitempty"` // why the Kube was taken away
	Version      string       `json:"version,omitempty"`
	Description  string       `json:"description,omitempty"`
	Details      string       `json:"details,omitempty"` // cut at MaxDetails bytes
	Keywords     []string     `json:"keywords,omitempty"`
	Home         string       `json:"home,omitempty"`
	License      string       `json:"license,omitempty"`
	Maintainers  []string     `json:"maintainers,omitempty"`
	Dependencies []Dependency `json:"dependencies,omitempty"`
	Built        Time         `json:"built,omitzero"`
	Provides     []string     `json:"provides,omitempty"`   // file names in manifests/, without .tmpl
	Kinds        []string     `json:"kinds,omitempty"`      // kinds of its objects
	Images       []string     `json:"images,omitempty"`     // image references
	Kubernetes   string       `json:"kubernetes,omitempty"` // range of server versions
	KPM          string       `json:"kpm,omitempty"`        // range of clients that may install it
	Needs        []string     `json:"needs,omitempty"`
	Hook         Digest       `json:"hook,omitempty"`      // sha256 of scripts/pre-install.py
	Tested       []string     `json:"tested,omitempty"`    // server versions on which it passed its test, ascending
	Simulated    []string     `json:"simulated,omitempty"` // those of Tested whose nodes were simulated
	Deprecated   string       `json:"deprecated,omitempty"`
	Yanked       string       `json:"yanked,omitempty"` // set when every release is yanked
	Doc          Ref          `json:"doc"`
}

// Dependency is another Kube that a release needs, and the range of versions
// that will do, as its author wrote it.
type Dependency struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Line is one record as it is stored and hashed: JSON without the newline.
type Line struct {
	Record
	Raw []byte
}
