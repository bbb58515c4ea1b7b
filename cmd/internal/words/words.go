// Package words says how many of something there are, for both programs.
package words

import "fmt"

// Count is a number of things: 1 Kube, 2 Kubes.
func Count[N ~int | ~int64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
