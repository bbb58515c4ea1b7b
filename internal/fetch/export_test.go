package fetch

// Basic is for tests, which are of another package.
var Basic = basic
