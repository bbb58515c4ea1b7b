package hook

// MaxValues is how many bytes of JSON a hook is handed: Linux takes 128 KiB for
// a variable, its name included.
const MaxValues = 127 << 10

// places are where a hook finds its folders.
type places struct {
	kube     string
	previous string // "" if there is none
}

// environ is all of the environment of a hook. Its output is filtered, so the
// terminal is one that knows no escape sequence.
func (s *session) environ(at places) []string {
	values := s.call.Values
	if values == nil {
		values = []byte("{}")
	}
	return append([]string{
		"LANG=C.UTF-8",
		"TERM=dumb",
		"HOME=" + at.kube,
		"KUBE_NAME=" + s.call.Kube.Name,
		"KUBE_VERSION=" + s.call.Kube.Version.String(),
		"KUBE_NAMESPACE=" + s.call.Namespace,
		"KUBE_ACTION=" + string(s.call.Action),
		"KUBE_VALUES=" + string(values),
		"KUBE_PREVIOUS=" + at.previous,
	}, systemEnviron()...)
}

// arguments are those of Python. It writes no byte code, which would be taken
// for a file of the hook; output comes in the order in which it is written; and
// files are UTF-8 on every system.
func arguments() []string {
	return []string{"-B", "-u", "-X", "utf8", "scripts/pre-install.py"}
}
