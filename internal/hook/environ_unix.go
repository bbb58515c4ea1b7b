//go:build !windows

package hook

func systemEnviron() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin"}
}
