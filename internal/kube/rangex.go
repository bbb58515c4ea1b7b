package kube

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var errNotation = errors.New("write it like 1.9 < x <= 1.10, ^1.2, ~1.9 or >=1.9, <2")

var (
	// namesX finds an x that stands for the version, not for a part of one.
	namesX = lazyregexp.New(`(?:^|[^.\w*])[xX]\s*[<>=!]|[<>=!]\s*[xX](?:$|[^.\w])`)

	// xRange takes `END OP x OP END` apart; either side may be missing.
	xRange = lazyregexp.New(`^\s*(?:(` + xEnd + `)\s*(<=?|>=?)\s*)?[xX](?:\s*(<=?|>=?|==?)\s*(` + xEnd + `))?\s*$`)
)

const xEnd = `\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?`

// fromX turns the notation with an x into that of Masterminds, with all parts
// of both ends written out.
func fromX(s string) (string, error) {
	m := xRange().FindStringSubmatch(s)
	if m == nil {
		return "", errNotation
	}
	left, leftOp, rightOp, right := m[1], m[2], m[3], m[4]
	if left == "" || right == "" {
		return oneSided(left+right, mirror(leftOp)+rightOp)
	}
	if leftOp[0] != rightOp[0] {
		return "", fmt.Errorf("%s and %s do not point the same way", leftOp, rightOp)
	}
	a, err := parseEnd(left)
	if err != nil {
		return "", err
	}
	b, err := parseEnd(right)
	if err != nil {
		return "", err
	}
	low, high := a, b
	if leftOp[0] == '>' {
		low, high = b, a
	}
	closed := leftOp == "<=" && rightOp == "<=" || leftOp == ">=" && rightOp == ">="
	if n := low.Compare(high); n > 0 || n == 0 && !closed {
		return "", errors.New("no version lies between its ends")
	}
	return fmt.Sprintf("%s%s, %s%s", mirror(leftOp), a, rightOp, b), nil
}

func oneSided(end, op string) (string, error) {
	v, err := parseEnd(end)
	if err != nil {
		return "", err
	}
	if op == "==" {
		op = "="
	}
	return op + v.String(), nil
}

// mirror is the operator with its sides exchanged: 1 < x is x > 1.
func mirror(op string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '<':
			return '>'
		case '>':
			return '<'
		}
		return r
	}, op)
}

func parseEnd(s string) (*semver.Version, error) {
	s, _, _ = strings.Cut(s, "+") // build metadata has no place in the order
	numbers, pre, _ := strings.Cut(s, "-")
	return fill(numbers, pre)
}

// fill makes a version of one to three numbers; those that are missing are 0.
func fill(numbers, pre string) (*semver.Version, error) {
	numbers += strings.Repeat(".0", 2-strings.Count(numbers, "."))
	if pre != "" {
		numbers += "-" + pre
	}
	return ParseVersion(numbers)
}
