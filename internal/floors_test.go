// Package internal keeps the house in order: which package may import which.
package internal

const module = "github.com/kpm-sh/kpm/"

// floors lists the packages of the module by height. Imports run downward.
var floors = [][]string{
	{"internal/errcode", "internal/words", "internal/lazyregexp", "internal/workers", "internal/yamlnode", "internal/gzipped", "internal/kube", "internal/index", "internal/pagelist", "internal/mirrorfile", "docs"},
	{
		"internal/images", "internal/images/registry", "internal/images/layout", "internal/images/registrytest",
		"search", "signing", "signing/signer", "signing/signingtest", "internal/trust", "internal/fetch", "internal/lint", "internal/admit", "internal/kinds", "internal/manifest", "internal/jinja", "internal/jinja/expr", "internal/jinja/token", "internal/python", "internal/python/letters", "internal/python/num", "internal/python/str", "internal/python/operator", "internal/python/methods", "internal/render", "internal/schema",
		"internal/hook", "internal/cluster/object", "internal/cluster/api", "internal/merge",
		"internal/sharedtest", "internal/nginxtest", "internal/atomicfile", "internal/home", "internal/ballast", "internal/inputfile", "internal/outstream",
		"internal/cluster/clustertest",
		"internal/ceremony",
	},
	{"client/repos", "client/solve", "client/workcopy", "client/imageset", "client/mirror", "internal/cluster/ready", "internal/cluster/history", "internal/cluster/plan", "internal/cluster/apply"},
	{"indexer/kubetest"},
	{"client", "internal/sitetest", "indexer", "site"},
	{"cmd/internal/exit", "cmd/internal/findings", "cmd/internal/manual", "cmd/internal/twin"},
	{"cmd/kpm", "cmd/kpm-indexer"},
}

// sideways are the imports allowed within a floor.
var sideways = []string{
	"internal/kube internal/yamlnode",
	"internal/kube internal/lazyregexp",
	"internal/index internal/kube",
	"internal/index internal/gzipped",
	"internal/pagelist internal/index",
	"internal/pagelist internal/gzipped",
	"internal/mirrorfile internal/index",
	"internal/trust signing",
	"internal/ceremony internal/trust",
	"internal/ceremony signing",
	"signing/signer signing",
	"internal/lint internal/manifest",
	"internal/lint internal/admit",
	"internal/lint internal/kinds",
	"internal/admit internal/kinds",
	"internal/cluster/api internal/kinds",
	"internal/lint internal/render",
	"internal/lint internal/images",
	"internal/images internal/manifest",
	"internal/images internal/kinds",
	"internal/images/registry internal/images",
	"internal/images/layout internal/images",
	"internal/images/layout internal/atomicfile",
	"internal/images/layout internal/inputfile",
	"internal/images/registry internal/fetch",
	"internal/images/registry internal/trust",
	"internal/render internal/jinja",
	"internal/render internal/jinja/expr",
	"internal/render internal/jinja/token",
	"internal/jinja internal/jinja/expr",
	"internal/jinja internal/jinja/token",
	"internal/jinja/expr internal/jinja/token",
	"internal/render internal/python",
	"internal/render internal/python/letters",
	"internal/render internal/python/num",
	"internal/render internal/python/str",
	"internal/render internal/python/operator",
	"internal/render internal/python/methods",
	"internal/python/num internal/python",
	"internal/python/str internal/python",
	"internal/python/operator internal/python",
	"internal/python/methods internal/python",
	"internal/python/num internal/python/letters",
	"internal/python/str internal/python/letters",
	"internal/python/str internal/python/num",
	"internal/python/operator internal/python/num",
	"internal/python/operator internal/python/str",
	"internal/python/methods internal/python/letters",
	"internal/python/methods internal/python/num",
	"internal/python/methods internal/python/operator",
	"internal/python/methods internal/python/str",
	"internal/render internal/schema",
	"internal/cluster/api internal/cluster/object",
	"internal/cluster/clustertest internal/cluster/object",
	"internal/cluster/plan internal/cluster/ready",
	"internal/cluster/apply internal/cluster/plan",
	"internal/cluster/apply internal/cluster/ready",
	"search internal/atomicfile",
	"internal/hook internal/atomicfile",
	"internal/home internal/atomicfile",
	"internal/home internal/hook",
}

// owners are the packages that alone may import a module of others. All that is
// imported is named here; what a package of tests alone needs is not asked.
var owners = map[string][]string{
	"github.com/sigstore/":                   {"signing", "signing/signer"},
	"google.golang.org/protobuf":             {"signing", "signing/signer"},
	"github.com/youmark/pkcs8":               {"signing/signer"},
	"github.com/blevesearch/bleve":           {"search"},
	"github.com/blevesearch/segment":         {"site"},
	"github.com/flosch/pongo2":               {"site"},
	"github.com/yuin/goldmark":               {"site"},
	"github.com/microcosm-cc/bluemonday":     {"site"},
	"github.com/alecthomas/chroma":           {"site"},
	"github.com/gorilla/feeds":               {"site"},
	"k8s.io/client-go":                       {"internal/cluster/api"},
	"github.com/alecthomas/kong":             {"cmd/kpm", "cmd/kpm-indexer"},
	"golang.org/x/term":                      {"cmd/kpm", "cmd/kpm-indexer"},
	"sigs.k8s.io/kustomize/":                 {"internal/merge"},
	"sigs.k8s.io/yaml":                       {"internal/manifest"},
	"github.com/santhosh-tekuri":             {"internal/schema"},
	"k8s.io/":                                {"internal/cluster/"},
	"github.com/fluxcd/cli-utils":            {"internal/cluster/ready"},
	"github.com/go-logr/logr":                {"internal/cluster/api"},
	"github.com/google/go-containerregistry": {"internal/images/"},
	"github.com/landlock-lsm/go-landlock":    {"internal/hook"},
	"github.com/creack/pty":                  {"internal/hook"},
	"go.yaml.in/yaml/v2":                     {"internal/yamlnode"},
	"go.yaml.in/yaml/v3":                     {"internal/yamlnode", "internal/kube", "internal/manifest", "internal/render", "client/repos", "indexer"},
	"golang.org/x/text/unicode/norm":         {"internal/kube"},
	"golang.org/x/text/cases":                {"internal/python/"},
	"golang.org/x/text/language":             {"internal/python/", "internal/schema"},
	"golang.org/x/text/message":              {"internal/schema"},
	"golang.org/x/sync":                      {anyone},
	"golang.org/x/sys":                       {anyone},
	"github.com/Masterminds/semver":          {anyone},
	"github.com/go-json-experiment/json":     {anyone},
}

// anyone may import a module that is small, and a language of its own to nobody.
const anyone = "anyone"

// neverLinked are the dependencies that a binary must not link at all.
var neverLinked = map[string][]string{
	"cmd/kpm-indexer": {"github.com/blevesearch/bleve", "k8s.io/client-go"},
	"cmd/kpm":         {module + "signing/signer", "github.com/sigstore/sigstore-go/pkg/sign", "github.com/pkg/browser", "github.com/spf13/cobra", "github.com/jedisct1/go-minisign"},
}

// testOnly are the packages that only tests import.
var testOnly = []string{"signing/signingtest", "cmd/internal/manual", "internal/sharedtest", "internal/cluster/clustertest", "internal/sitetest", "internal/images/registrytest", "internal/nginxtest"}

// testModules are the modules that only tests import, and packages of tests alone.
var testModules = []string{"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "golang.org/x/tools", "golang.org/x/net", "github.com/digitorus/timestamp", "github.com/go-openapi/runtime", "golang.org/x/mod", "github.com/theupdateframework/go-tuf/v2"}

// reserved is what of the standard library only some packages may use: all of a
// package, or the names given. Those with a slash at the end are all packages below.
var reserved = []reservation{
	// A package is handed its arguments, environment and streams.
	{"os", []string{"Args", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Unsetenv", "Clearenv", "Stdin", "Stdout", "Stderr", "Exit", "UserHomeDir", "UserConfigDir", "UserCacheDir"}, []string{"cmd/"}},
	{"os", []string{"Getwd", "TempDir"}, nil},
	{"os", []string{"Hostname"}, []string{"internal/cluster/history"}},
	{"syscall", []string{"Getenv", "Environ", "Setenv", "Exit", "Stdin", "Stdout", "Stderr"}, nil},
	{"golang.org/x/sys/unix", []string{"Getenv", "Environ", "Setenv", "Unsetenv", "Clearenv", "Exit", "Stdin", "Stdout", "Stderr"}, nil},
	{"golang.org/x/sys/windows", []string{"Getenv", "Environ", "Setenv", "Unsetenv", "Clearenv", "Exit", "Stdin", "Stdout", "Stderr"}, nil},
	{"os/signal", nil, []string{"cmd/"}},
	{"flag", nil, nil},
	// Only commands print, and nobody logs.
	{"fmt", []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"}, nil},
	{"log", nil, nil},
	{"log/slog", nil, nil},
	// Other programs: editors and git of the user, and a hook.
	{"os/exec", nil, []string{"cmd/", "internal/hook"}},
	{"os", []string{"StartProcess"}, nil},
	{"syscall", []string{"Exec", "ForkExec", "StartProcess"}, []string{"internal/hook"}},
	{"golang.org/x/sys/unix", []string{"Exec"}, nil},
	{"golang.org/x/sys/windows", []string{"CreateProcess", "CreateProcessAsUser", "ShellExecute"}, nil},
	// The network.
	{"net/http", nil, []string{"cmd/", "internal/fetch", "signing/signer", "internal/images/", "internal/cluster/", "indexer"}},
	{"net", nil, []string{"cmd/", "internal/fetch", "signing/signer", "internal/images/"}},
	{"crypto/tls", []string{"Dial", "DialWithDialer", "Dialer", "Client", "Server", "Listen", "NewListener"}, nil},
	{"net/http/httputil", nil, nil},
	{"net/http/httptest", nil, nil},
	{"net/http/cgi", nil, nil},
	{"net/http/fcgi", nil, nil},
	{"net/rpc", nil, nil},
	{"net/rpc/jsonrpc", nil, nil},
	{"net/smtp", nil, nil},
	{"testing", nil, nil},
}

// constants says of which packages nothing is used but what begins so, by all but those allowed.
var constants = []reservation{
	{"net/http", []string{"Method", "Status"}, []string{"cmd/", "internal/fetch", "signing/signer", "internal/images/", "internal/cluster/api", "indexer"}},
}

// pure are the packages that know no files, no clock, no network and no chance,
// with those of their own kind that they may import.
var pure = []string{
	"internal/admit", "internal/kinds",
	"internal/ceremony",
	"internal/errcode", "internal/words", "internal/lazyregexp", "internal/workers", "internal/yamlnode", "internal/gzipped", "internal/kube", "internal/index", "internal/pagelist", "internal/mirrorfile", "signing", "internal/trust", "client/solve",
	"internal/manifest", "internal/images", "internal/lint", "internal/jinja", "internal/jinja/expr", "internal/jinja/token", "internal/schema", "internal/merge",
	"internal/python", "internal/python/letters", "internal/python/num", "internal/python/str", "internal/python/operator", "internal/python/methods",
	"internal/cluster/object",
}

// impure is what pure packages do without.
var impure = []reservation{
	{"os", nil, nil}, {"os/user", nil, nil}, {"syscall", nil, nil}, {"net", nil, nil}, {"net/http", nil, nil}, {"crypto/rand", nil, nil}, {"math/rand", nil, nil}, {"math/rand/v2", nil, nil},
	{"golang.org/x/sys/unix", nil, nil}, {"golang.org/x/sys/windows", nil, nil},
	{"time", []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, nil},
	{"path/filepath", []string{"Abs", "EvalSymlinks", "Glob", "Walk", "WalkDir"}, nil},
	{module + "internal/fetch", nil, nil}, {module + "internal/atomicfile", nil, nil}, {module + "internal/inputfile", nil, nil},
}

// alone are the packages that import nothing of ours, whatever floor it is on.
var alone = []string{"signing", "internal/errcode", "internal/words", "internal/yamlnode", "internal/python", "internal/atomicfile", "internal/gzipped", "docs"}

// reservation is a package, or names of it, that few may use.
type reservation struct {
	path    string
	names   []string // nil: all of it
	allowed []string // by package; those of a folder with a slash at the end
}
