package expr

// Parts are the expressions that an expression is made of. Some may be nil.
func Parts(x Expr) []Expr {
	switch x := x.(type) {
	case *List:
		return x.Items
	case *Tuple:
		return x.Items
	case *Dict:
		var out []Expr
		for _, p := range x.Pairs {
			out = append(out, p.Key, p.Value)
		}
		return out
	case *Unary:
		return []Expr{x.X}
	case *Binary:
		return []Expr{x.X, x.Y}
	case *Concat:
		return x.Items
	case *Compare:
		out := []Expr{x.X}
		for _, o := range x.Rest {
			out = append(out, o.X)
		}
		return out
	case *Cond:
		return []Expr{x.Then, x.Test, x.Else}
	}
	return partsOfAccess(x)
}

func partsOfAccess(x Expr) []Expr {
	switch x := x.(type) {
	case *Attr:
		return []Expr{x.X}
	case *Item:
		return []Expr{x.X, x.Key}
	case *Slice:
		return []Expr{x.Low, x.High, x.Step}
	case *Call:
		return append([]Expr{x.Fn}, x.Args.parts()...)
	case *Filter:
		return append([]Expr{x.X}, x.Args.parts()...)
	case *Test:
		return append([]Expr{x.X}, x.Args.parts()...)
	}
	return nil
}

func (a *Args) parts() []Expr {
	out := append([]Expr(nil), a.Pos...)
	for _, n := range a.Named {
		out = append(out, n.Value)
	}
	return append(out, a.Rest, a.RestDict)
}
