package hook

// cell is all that the process which confines itself is told.
type cell struct {
	Level  Level
	Strict bool
	Root   string   // where the mount namespace gets its root; "" for none
	Mounts []mount  // below Root
	Memory []memory // below Root, too
	User   int      // user and group to become; -1 for none
	Read   []string
	Write  string // folder
	Python string
	Args   []string
	Env    []string
}

// mount shows a file or folder of the host in the root of the hook, to be read.
type mount struct {
	From, To string
}

// memory is a file system of its own in the root of the hook, which kpm fills. It
// goes with the last process that has it open.
type memory struct {
	To     string
	Write  bool // for the hook
	Bytes  int64
	Inodes int // files, folders and links, its own root among them
}

// systemPaths are what a program needs of Linux: its libraries, the clock.
func systemPaths() []string {
	return []string{
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
		"/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
	}
}

// devicePaths are the devices of a hook. /dev/tty is its own terminal.
func devicePaths() []string {
	return []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}
}
