// Package words says how many of something there are, for both programs.
package words

import (
	"fmt"
	"strings"
)

// Count is a number of things: 1 Kube, 2 Kubes, 2 indexes.
func Count[N ~int | ~int64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "x") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
