package hook

import "golang.org/x/sys/windows"

// systemEnviron names the system's folder, without which Python finds no
// random numbers and does not start.
func systemEnviron() []string {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil
	}
	root, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		return nil
	}
	return []string{"PATH=" + system + ";" + root, "SYSTEMROOT=" + root}
}
