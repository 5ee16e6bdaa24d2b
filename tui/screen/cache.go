package screen

// Cache keeps the text of a pane for as long as nothing that it depends on has changed. K holds all of that: the size,
// the focus, App.Look, versions of data.
type Cache[K comparable] struct {
	key  K
	text string
	full bool
}

// Get returns the text for the key, drawing it only if the key is another one than last time.
func (c *Cache[K]) Get(key K, draw func() string) string {
	if !c.full || c.key != key {
		c.key, c.text, c.full = key, draw(), true
	}
	return c.text
}
