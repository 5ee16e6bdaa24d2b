package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"cnnbench/sessions"
)

func (p *Program) presets() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "presets",
		Short:   "The experiments that come along",
		Example: "cnnbench presets\ncnnbench presets show lenet5 > my.yaml",
		Args:    wordsOf(0, 0),
		RunE: func(*cobra.Command, []string) error {
			infos := sessions.Presets()
			width := 0
			for _, i := range infos {
				width = max(width, len(i.Name))
			}
			for _, i := range infos {
				fmt.Fprintf(p.Stdout, "%-*s  %s\n", width, i.Name, i.Doc)
			}
			return nil
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "show NAME",
		Short: "Print a preset's experiment file",
		Args:  wordsOf(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := sessions.PresetText(args[0])
			if err != nil {
				return err
			}
			_, err = p.Stdout.Write(text)
			return failed(err)
		},
	})
	return cmd
}
