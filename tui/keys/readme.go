package keys

import (
	"fmt"
	"strings"
)

// Markdown writes the contexts' actions as tables for a README.
func Markdown(contexts []Context) string {
	var b strings.Builder
	for i, c := range contexts {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "**%s**\n\n| keys | `:` | what it does |\n| --- | --- | --- |\n", c.Name)
		for _, a := range c.Actions {
			keys := make([]string, len(a.Keys))
			for j, k := range a.Keys {
				keys[j] = "`" + strings.ReplaceAll(Show(k), "|", "\\|") + "`"
			}
			name := ""
			if !a.Documented() {
				name = "`" + strings.TrimSpace(a.Name+" "+a.Arg) + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(keys, " "), name, a.Help)
		}
	}
	return b.String()
}
