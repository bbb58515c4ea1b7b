package imageset

// Mirror says where images come from. The zero one leaves that to the repository.
type Mirror struct {
	Address  string // REGISTRY/PREFIX, of a flag; "": that of the repository, if it has one
	Platform string // OS/ARCH of a flag, whose manifests are named instead of indexes; "": that of the repository, if it has one
	None     bool   // images come from where the manifests say
	Require  bool   // a registry that cannot be asked is an error
}

// Given reports whether the user said it in this run.
func (m Mirror) Given() bool { return m.None || m.Address+m.Platform != "" }
