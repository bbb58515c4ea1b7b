package hook

// MaxValues is how many bytes of JSON a hook is handed: Linux takes 128 KiB for
// a variable, its name included.
const MaxValues = 127 << 10

// environ is all of the environment of a hook. Its output is filtered, so the
// terminal is one that knows no escape sequence.
func environ(c Call, at places) []string {
	values := c.Values
	if values == nil {
		values = []byte("{}")
	}
	return append([]string{
		"LANG=C.UTF-8",
		"TERM=dumb",
		"HOME=" + at.kube,
		"KUBE_NAME=" + c.Kube.Name,
		"KUBE_VERSION=" + c.Kube.Version.String(),
		"KUBE_NAMESPACE=" + c.Namespace,
		"KUBE_ACTION=" + string(c.Action),
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
