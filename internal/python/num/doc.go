// Package num has numbers as Python has them: whole ones without a limit (int,
// or *big.Int where an int does not hold them), floating point ones, and True
// and False, which count as 1 and 0.
package num
