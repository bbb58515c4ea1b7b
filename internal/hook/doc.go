// Package hook runs scripts/pre-install.py of a Kube on the user's host, and
// trusts neither the script nor what it leaves behind.
//
// # What a hook gets
//
// It is run as `python3 scripts/pre-install.py` in a private copy of the Kube,
// which is its working folder and its HOME. Its environment is exactly
//
//	PATH LANG TERM HOME   fixed: nothing of the user's environment comes through
//	KUBE_NAME             name of the Kube
//	KUBE_VERSION          its version
//	KUBE_NAMESPACE        where it is installed
//	KUBE_ACTION           install or upgrade
//	KUBE_VALUES           JSON of all values, at most MaxValues bytes
//	KUBE_PREVIOUS         folder with what it wrote last time, "" the first time
//
// Only Python's standard library is promised.
//
// # What a hook gives
//
// Files that it writes or changes in its copy, and among them hook-values.yaml,
// whose values the templates see. Dotfiles are not read, and what it removes
// stays in the Kube. All its processes are dead before the first file is read.
// Links, hard ones included, pipes, sockets and devices are errors that name the
// file, and so is everything that kube.Unpack would refuse, or another K3.yaml.
//
// # Its digest
//
// What a hook does may hang on any file that it finds. So its digest (DigestOf)
// covers all of its Kube: who agrees to a hook agrees to that, and a helper that
// changed is another hook.
//
// # Confinement
//
// A Level says what keeps a hook to its copy. Run takes the best one that the
// host offers and says which it was. On Linux kpm confines without outside
// tools: it starts itself again, and that process (Main) locks itself up and
// then becomes Python. At every level of Linux a hook has no capability and
// cannot gain one, sees no file but its copy, Python and the system's libraries,
// can open no socket, reads no environment but its own, and is bounded in time,
// memory, open files and output, and in what it writes.
//
//	Full        own user, mount, pid, network, ipc and host name spaces, in which
//	            only what it may use is mounted, its copy from memory; Landlock; a
//	            system call filter
//	Namespaces  the same on a kernel without Landlock
//	Landlock    where the user may create no namespaces: Landlock and a stricter
//	            filter. The hook can start no other process, send no signal and
//	            change no mode, owner or time of a file, not even of its own.
//	            Names and sizes of files elsewhere stay visible, their content not
//	Sandbox     macOS: sandbox-exec. The hook can start no other process
//	Unconfined  nothing. Run refuses, unless the caller allows this very hook
//
// Landlock does not know the modes of files, nor named sockets (before its ABI
// 9), nor UDP (before 10): the filter and the mounts are there for that.
//
// # The terminal
//
// A hook never holds the user's terminal. It has a pseudo-terminal of its own in
// a session of its own, or none when there is nobody to ask, and then a question
// ends it: its standard input is empty. Each line that it writes is shown after
// "NAME | ", cut to the width of the terminal so that no text of it can start a
// line, and passes kube.Clean. What the user types meanwhile goes to the hook.
package hook
