package methods

import (
	"math"
	"math/big"
	"testing"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// wholeOf is a whole number that an int does not hold.
func wholeOf(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

// TestRepr holds what values print as.
func TestRepr(t *testing.T) {
	d := python.NewDict()
	for _, key := range []any{"b", 1, true, 1.0, python.NewTuple("x", 2)} {
		if err := d.Set(key, key); err != nil {
			t.Fatal(err)
		}
	}
	for want, v := range map[string]any{
		"None": nil, "True": true, "1.0": 1.0, "1e+16": 1e16, "1e-05": 1e-5, "123456789012345.0": 123456789012345.0, "inf": math.Inf(1), "nan": math.NaN(),
		`"don't"`: "don't", `'\'"\n\x00é\u200b'`: "'\"\n\x00é\u200b", "(1,)": python.NewTuple(1), "[1, 'a']": python.NewList(1, "a"), "Markup('<')": python.Markup("<"),
		"range(0, 3)": &python.Range{Stop: 3, Step: 1}, "{'b': 'b', 1: 1.0, ('x', 2): ('x', 2)}": d, "18446744073709551616": wholeOf("18446744073709551616"),
	} {
		if got, err := str.Repr(v); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	l := python.NewList()
	l.Items = append(l.Items, l)
	for name, v := range map[string]any{"a list in itself": l, "a method": method1(t), "an iterator": operator.Later("map", nil)} {
		if got, err := str.Repr(v); err == nil {
			t.Errorf("%s prints as %q", name, got)
		}
	}
}

func method1(t *testing.T) any {
	m, ok := Attr("a", "upper")
	if !ok {
		t.Fatal("a text has no upper")
	}
	return m
}

// TestCalculate holds operators against Python's results.
func TestCalculate(t *testing.T) {
	for _, c := range []struct {
		left any
		op   string
		right,
		want any // nil is an error
	}{
		{7, "//", -2, -4}, {-7, "%", 3, 2}, {7.5, "//", -2, -4.0}, {-7.5, "%", 2, 0.5}, {0, "/", -7, math.Copysign(0, -1)},
		{1, "/", 3, 1.0 / 3}, {2, "**", -1, 0.5}, {2, "**", 64, wholeOf("18446744073709551616")}, {-1, "**", 1_000_001, -1},
		{math.MaxInt, "+", 1, wholeOf("9223372036854775808")}, {math.MinInt, "-", 1, wholeOf("-9223372036854775809")}, {math.MaxInt, "*", -1, -math.MaxInt},
		{true, "+", 1, 2}, {"a", "*", 3, "aaa"}, {-1, "*", "a", ""}, {"a", "+", python.Markup("<"), python.Markup("a<")}, {python.Markup("a"), "+", "<", python.Markup("a&lt;")},
		{"%s-%05.1f", "%", python.NewTuple("x", 2.25), "x-002.2"}, {"%(a)s", "%", 5, nil}, {"%d", "%", "a", nil}, {"a", "+", 1, nil}, {1, "//", 0, nil}, {1.0, "%", 0, nil},
		{10, "**", 20_000, nil}, {-8, "**", 0.5, nil}, {10.0, "**", 400, nil}, {"x", "*", python.MaxText + 1, nil}, {python.NewList(1), "*", python.MaxItems + 1, nil},
	} {
		got, err := operator.Calculate(c.op, c.left, c.right)
		same, _ := operator.Equal(got, c.want) //nolint:errcheck // none of these is too large to be compared
		if c.want == nil && err == nil || c.want != nil && (err != nil || !same || python.Kind(got) != python.Kind(c.want)) {
			t.Errorf("%v %s %v: got %v, %v, want %v", c.left, c.op, c.right, got, err, c.want)
		}
	}
}

// TestFormat holds format specifications against Python's texts.
func TestFormat(t *testing.T) {
	for _, c := range []struct {
		v    any
		how  string
		want string // empty is an error
	}{
		{1234567, ",", "1,234,567"}, {1234, "010,", "00,001,234"}, {255, "#x", "0xff"}, {5, "08b", "00000101"}, {-7, "+05d", "-0007"}, {97, "c", "a"}, {0xffff, "_x", "ffff"},
		{2.5, ".0f", "2"}, {1234.5, ",.2f", "1,234.50"}, {0.5, "%", "50.000000%"}, {1e20, "", "1e+20"}, {3.0, ".3", "3.0"}, {1234567.0, "g", "1.23457e+06"}, {2.0, "#.0f", "2."},
		{"ab", "^7", "  ab   "}, {"ab", "*<4", "ab**"}, {"abc", ".2", "ab"}, {"é", ">3", "  é"}, {true, "5", "    1"}, {true, "", "True"}, {math.Inf(-1), "05", "-0inf"},
		{1.5, "d", ""}, {"a", "d", ""}, {1, ".2", ""}, {nil, ">5", ""}, {"a", "=5", ""}, {1, ">999999999", ""}, {1, "q", ""},
	} {
		if got, err := str.Format(c.v, c.how); got != c.want || (err == nil) == (c.want == "") {
			t.Errorf("%v as %q: got %q, %v, want %q", c.v, c.how, got, err, c.want)
		}
	}
}

// TestRound rounds halves as Python does.
func TestRound(t *testing.T) {
	for _, c := range []struct {
		v      any
		places any
		want   any
	}{
		{2.5, 0, 2.0}, {3.5, 0, 4.0}, {2.675, 2, 2.67}, {1250, -2, 1200}, {1350, -2, 1400}, {1234.5, -2, 1200.0}, {-25, -1, -20}, {42, 0, 42}, {0.5, nil, 0}, {true, 0, 1},
	} {
		if got, err := num.Round(c.v, c.places); err != nil || got != c.want {
			t.Errorf("%v to %v places: got %v, %v, want %v", c.v, c.places, got, err, c.want)
		}
	}
}

// TestBind gives parameters their values.
func TestBind(t *testing.T) {
	for _, c := range []struct {
		parameters string
		args       python.Args
		fault      bool
	}{
		{"a b=", python.Args{Pos: []any{1}}, false}, {"a b=", python.Args{}, true}, {"a b=", python.Args{Pos: []any{1, 2, 3}}, true}, {"a b=", python.Args{Names: []string{"a"}, Values: []any{1}}, false},
		{"/ a", python.Args{Names: []string{"a"}, Values: []any{1}}, true}, {"a", python.Args{Pos: []any{1}, Names: []string{"a"}, Values: []any{1}}, true},
		{"* k= **", python.Args{Pos: []any{1, 2}, Names: []string{"k", "z"}, Values: []any{1, 2}}, false}, {"a", python.Args{Pos: []any{1}, Names: []string{"z"}, Values: []any{1}}, true},
	} {
		if _, err := Bind("f", c.parameters, c.args); (err != nil) != c.fault {
			t.Errorf("%q with %v: %v", c.parameters, c.args, err)
		}
	}
}
