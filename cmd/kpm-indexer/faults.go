package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// distinct are the faults that a server finds in an object, each once, and as people read
// them.
func distinct(faults []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, fault := range faults {
		if text := readable(fault); !seen[text] {
			seen[text] = true
			all = append(all, text)
		}
	}
	return all
}

// maxShown is how long a mapping is that is shown as it is.
const maxShown = 100

// readable shows of a rule in CEL, which a server prints with all fields that it could have,
// its text, and of other long mappings that they are some.
func readable(fault string) string {
	const before = "Invalid value: "
	head, rest, ok := strings.Cut(fault, before+"{")
	if !ok {
		return fault
	}
	var value map[string]any
	d := json.NewDecoder(strings.NewReader("{" + rest))
	if err := d.Decode(&value); err != nil {
		return fault
	}
	after := rest[d.InputOffset()-1:]
	if rule, ok := value["Rule"].(string); ok {
		return head + before + fmt.Sprintf("%q", rule) + after
	}
	if d.InputOffset() > maxShown {
		return head + before + "a mapping" + after
	}
	return fault
}
