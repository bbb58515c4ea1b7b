//go:build unix && !darwin

package main

// opener is what opens an address on a desktop, nil where there is none.
func opener(getenv func(string) string) []string {
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return nil
	}
	return []string{"xdg-open"}
}
