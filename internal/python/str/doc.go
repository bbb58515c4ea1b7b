// Package str makes texts of values: str(), repr(), format specifications, the
// operator %, and texts that are safe in HTML.
package str
