package kube

// Caps on a Kube. Packing refuses what exceeds them, unpacking too.
const (
	MaxFiles    = 4096                      // files of a Kube
	MaxTotal    = 64 << 20                  // bytes of all files together
	MaxManifest = 4 << 20                   // bytes of one file in manifests/
	MaxMeta     = 64 << 10                  // bytes of K3.yaml, and of releases.yaml
	MaxArchive  = MaxTotal                  // bytes of an archive, compressed
	MaxPath     = 255                       // bytes of a path below the Kube's folder
	MaxName     = 63                        // bytes of a name
	MaxVersion  = 63                        // bytes of a version
	MaxRange    = 512                       // bytes of a range
	MaxLine     = 1024                      // bytes of a one-line text in K3.yaml
	maxRaw      = MaxTotal + MaxFiles*4<<10 // bytes of an unpacked tar: the files, their headers and padding
)

// Paths that have a meaning of their own, relative to the Kube's folder.
const (
	MetaPath     = "K3.yaml"
	ReleasesPath = "releases.yaml"
	HookPath     = "scripts/pre-install.py"
	ValuesPath   = "values.yaml"
	SchemaPath   = "values.schema.json"
	ReadmePath   = "README.md"

	manifestsDir = "manifests"
	testsDir     = "tests"
)
