package main

// opener is what opens an address.
func opener(func(string) string) []string { return []string{"open"} }
